//! A browser without a window, driven through two pipes by the Chrome DevTools Protocol (<https://chromedevtools.github.io/devtools-protocol/>).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The names that it has on the systems that it comes with.
const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    session: Option<String>,
    number: u64,
    /// What the browser told without being asked: `(method, parameters)`.
    events: Vec<(String, Value)>,
    _profile: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) name: &'static str,
    /// In CSS pixels.
    pub(crate) width: u32,
    pub(crate) scheme: &'static str,
    /// `screen` or `print`.
    pub(crate) media: &'static str,
}

impl Browser {
    /// Starts it; nothing where this machine has none, which is an error in CI.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = program() else {
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "no browser is installed: install chromium");
            eprintln!("warning: pages are not looked at, for chromium is missing");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // It reads requests from descriptor 3 and answers on 4; `timeout` ends one that hangs.
        let mut process = Command::new("sh")
            .args(["-c", "exec timeout --kill-after=5 300 \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut browser = Browser {
            requests: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            session: None,
            number: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Opens a file in a view, and answers with what the browser has to say against it: messages, and requests for anything else.
    pub(crate) fn open(&mut self, file: &Path, view: View) -> Vec<String> {
        let phone = view.width < 600;
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": view.width, "height": 1000, "deviceScaleFactor": 1, "mobile": phone }),
        );
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "media": view.media, "features": [{ "name": "prefers-color-scheme", "value": view.scheme }] }),
        );
        self.events.clear();
        let url = format!("file://{}", file.display());
        self.call("Page.navigate", json!({ "url": url }));
        while !self
            .events
            .iter()
            .any(|(method, _)| method == "Page.loadEventFired")
        {
            self.receive();
        }
        // Whatever the page began is told before the answer to this.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
        let complaint = |(method, parameters): &(String, Value)| match method.as_str() {
            "Network.requestWillBeSent" if parameters["request"]["url"] != url.as_str() => {
                Some(parameters["request"]["url"].to_string())
            }
            "Log.entryAdded" => Some(parameters["entry"]["text"].to_string()),
            "Runtime.exceptionThrown"
            | "Runtime.consoleAPICalled"
            | "Page.javascriptDialogOpening" => Some(parameters.to_string()),
            _ => None,
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true }),
        );
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer:#}"
        );
        answer["result"]["value"].clone()
    }

    /// Presses and lets go of a key.
    pub(crate) fn press(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let code = if key == "Enter" { 13 } else { 9 };
            self.call(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": if kind == "keyDown" { text } else { "" } }),
            );
        }
    }

    /// Keeps a picture of what is seen, for people, and returns its bytes in base64.
    pub(crate) fn picture(&mut self, file: &Path) -> String {
        let answer = self.call(
            "Page.captureScreenshot",
            json!({ "format": "png", "optimizeForSpeed": true }),
        );
        keep(file, &answer)
    }

    /// Keeps the page as it is printed.
    pub(crate) fn print(&mut self, file: &Path) -> String {
        let answer = self.call(
            "Page.printToPDF",
            json!({ "printBackground": true, "paperWidth": 8.27, "paperHeight": 11.69 }),
        );
        keep(file, &answer)
    }

    /// Calls a method and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let number = self.number;
        let mut request = json!({ "id": number, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            request["sessionId"] = json!(session);
        }
        let mut bytes = request.to_string().into_bytes();
        bytes.push(0);
        self.requests
            .write_all(&bytes)
            .unwrap_or_else(|error| panic!("the browser is gone before {method}: {error}"));
        loop {
            let answer = self.receive();
            if answer["id"] == number {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    /// The next message; an event is kept too.
    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).unwrap();
        assert_eq!(
            bytes.pop(),
            Some(0),
            "the browser ended, or was ended after five minutes"
        );
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        if let Some(method) = message["method"].as_str() {
            self.events
                .push((method.to_owned(), message["params"].clone()));
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A browser whose pipes are closed ends; this one may be in the middle of something.
        let close = b"{\"id\":0,\"method\":\"Browser.close\"}\0";
        let _ = self.requests.write_all(close);
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    PROGRAMS.iter().find_map(|program| {
        let places = std::env::split_paths(&path).map(|folder| folder.join(program));
        places.into_iter().find(|place| place.is_file())
    })
}

/// Writes what an answer holds to `file`, by a program that is everywhere, for no crate of this one's reads base64.
fn keep(file: &Path, answer: &Value) -> String {
    let text = answer["data"].as_str().unwrap().to_owned();
    let output = std::fs::File::create(file).unwrap();
    let mut decode = Command::new("base64")
        .arg("--decode")
        .stdin(Stdio::piped())
        .stdout(output)
        .spawn()
        .unwrap();
    decode
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    assert!(decode.wait().unwrap().success());
    text
}
