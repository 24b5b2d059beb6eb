//! Whether a page is well formed, by the parser of a browser, and makes sense to who hears it.

use scraper::{ElementRef, Html, Selector};

/// What is wrong with a page as such: everything that the parser of a browser would mend in silence, and everything that acts or fetches.
pub(crate) fn faults(page: &str) -> Vec<String> {
    let html = Html::parse_document(page);
    let mut faults: Vec<String> = html.errors.iter().map(ToString::to_string).collect();
    for element in html.tree.nodes().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        if [
            "script",
            "iframe",
            "object",
            "embed",
            "link",
            "img",
            "base",
            "form",
            "image",
            "foreignObject",
        ]
        .contains(&name)
        {
            faults.push(format!("there is <{name}>"));
        }
        for (attribute, value) in element.value().attrs() {
            if attribute.starts_with("on")
                || (["href", "src"].contains(&attribute) && !value.starts_with('#'))
            {
                faults.push(format!("<{name} {attribute}={value}>"));
            }
        }
    }
    faults.extend(unreachable(&html));
    faults.extend(unlabelled(&html));
    faults.extend(
        page.chars()
            .filter(|c| c.is_control() && *c != '\n')
            .map(|c| format!("{c:?}")),
    );
    faults
}

/// Identifiers that stand twice, and links and labels to none.
fn unreachable(html: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = std::collections::HashSet::new();
    for element in select(html, "[id]") {
        if !ids.insert(element.attr("id").unwrap()) {
            faults.push(format!("the id {:?} stands twice", element.attr("id")));
        }
    }
    let links = select(html, "[href]")
        .into_iter()
        .map(|element| element.attr("href").unwrap().trim_start_matches('#'));
    let labels = select(html, "[aria-labelledby]")
        .into_iter()
        .flat_map(|element| element.attr("aria-labelledby").unwrap().split(' '));
    faults.extend(
        links
            .chain(labels)
            .filter(|id| !ids.contains(id))
            .map(|id| format!("there is no {id:?}")),
    );
    faults
}

/// What a screen reader could not make sense of.
fn unlabelled(html: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    let table = [
        ("table", "caption"),
        ("svg[role=img]", "title"),
        ("svg[role=img]", "desc"),
        ("details", "summary"),
        ("html[lang]", "head > title"),
        ("html", "h1"),
    ];
    for (outer, inner) in table {
        for element in select(html, outer) {
            let inner = element.select(&Selector::parse(inner).unwrap()).next();
            if inner.is_none_or(|inner| inner.text().all(|text| text.trim().is_empty())) {
                faults.push(format!("{outer} without its name: {:.200}", element.html()));
            }
        }
    }
    for cell in select(html, "th")
        .iter()
        .filter(|cell| cell.attr("scope").is_none())
    {
        faults.push(format!("no scope: {}", cell.html()));
    }
    for drawing in select(
        html,
        "svg:not([role=img], [role=img] svg, [aria-hidden] svg)",
    ) {
        if drawing.attr("aria-hidden") != Some("true") {
            faults.push(format!("neither named nor hidden: {:.200}", drawing.html()));
        }
    }
    let levels: Vec<u8> = select(html, "h1, h2, h3, h4")
        .iter()
        .map(|heading| heading.value().name().as_bytes()[1])
        .collect();
    if levels.first() != Some(&b'1') || levels.windows(2).any(|pair| pair[1] > pair[0] + 1) {
        faults.push(format!("levels of headings: {levels:?}"));
    }
    faults
}

/// What a selector selects.
pub(crate) fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

/// The texts of what a selector selects.
pub(crate) fn texts(page: &str, selector: &str) -> Vec<String> {
    let html = Html::parse_document(page);
    let elements = select(&html, selector);
    elements
        .iter()
        .map(|element| element.text().collect())
        .collect()
}

#[test]
fn the_check_finds_what_is_wrong() {
    let around = |body: &str| {
        format!(
            "<!DOCTYPE html><html lang=en><head><title>t</title></head><body><h1>h</h1>{body}</body></html>"
        )
    };
    assert_eq!(faults(&around("<p>fine</p>")), [""; 0]);
    let table = [
        "<div><span></div>",
        "<p>a</p></p>",
        "<table><tr><td>x</table>",
        "<svg aria-hidden=true><path d=x></svg>",
        "<script></script>",
        "<p onclick=x>a</p>",
        "<a href=http://x.example>a</a>",
        "<a href=#nowhere>a</a>",
        "<p id=a></p><p id=a></p>",
        "<p class=a class=b></p>",
        "<svg></svg>",
        "<svg role=img aria-hidden=true></svg>",
        "<table><caption>c</caption><tbody><tr><th>x</th></tr></tbody></table>",
        "<h3>too deep</h3>",
        "<p>\u{1b}</p>",
        "<p>a & b < c</p",
    ];
    for body in table {
        assert_ne!(faults(&around(body)), [""; 0], "{body}");
    }
}
