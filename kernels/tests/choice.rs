//! How an implementation is chosen, and what refuses one.

use kernels::optimizer::{self, Sgd};
use kernels::{Element, Error, Isa, activation, add, convert, create, gather, matmul, normalise};

use crate::support::for_each_element;

for_each_element!(
    the_first_supported_is_selected,
    names_find_rows_or_say_why_not
);

fn the_first_supported_is_selected<T: Element>() {
    // The very first is for some of the CPUs that support it.
    let first_two = add::implementations::<T>()
        .iter()
        .filter(|row| row.is_supported())
        .take(2);
    let mut eligible = first_two.filter(|row| row.isa() == Isa::widest());
    let selected = add::selected::<T>();
    assert!(eligible.any(|row| row.name() == selected.name()));
    assert_eq!(
        selected.isa(),
        Isa::widest(),
        "add has a row for each instruction set"
    );
    let first = matmul::implementations::<T>()
        .iter()
        .find(|row| row.is_supported())
        .unwrap();
    assert_eq!(matmul::selected::<T>().name(), first.name());
    assert_eq!(
        first.isa(),
        Isa::widest(),
        "matmul has a row for each instruction set"
    );
    assert!(add::implementations::<T>().last().unwrap().is_supported());
    assert!(
        matmul::implementations::<T>()
            .last()
            .unwrap()
            .is_supported()
    );
}

fn names_find_rows_or_say_why_not<T: Element>() {
    for row in add::implementations::<T>() {
        match add::by_name::<T>(row.name()) {
            Ok(found) => assert!(
                std::ptr::eq(found, row) && row.is_supported(),
                "{}",
                row.name()
            ),
            Err(error) => assert_refused(&error, "add", row.isa()),
        }
        let refused = row.run(&[T::ONE], &[T::ONE], &mut [T::ZERO]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in matmul::implementations::<T>() {
        match matmul::by_name::<T>(row.name()) {
            Ok(found) => assert!(
                std::ptr::eq(found, row) && row.is_supported(),
                "{}",
                row.name()
            ),
            Err(error) => assert_refused(&error, "matmul", row.isa()),
        }
        let refused = row
            .run(
                &[T::ONE],
                &[T::ONE],
                &mut [T::ZERO],
                matmul::Shape::square(1),
            )
            .err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in create::implementations::<T>() {
        match create::by_name::<T>(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "uniform", row.isa()),
        }
        let refused = row.uniform(1, &mut [T::ZERO]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in convert::implementations() {
        match convert::by_name(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "convert", row.isa()),
        }
        let refused = row.widen(convert::Format::F16, &[0], &mut [0.0]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in gather::implementations() {
        match gather::by_name(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "gather", row.isa()),
        }
    }
    for row in normalise::implementations() {
        match normalise::by_name(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "normalise", row.isa()),
        }
        let refused = row.statistics(&[1.0]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in optimizer::implementations() {
        match optimizer::by_name(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "optimizer", row.isa()),
        }
        let with = Sgd { learning_rate: 1.0 };
        let refused = row.sgd(with, &mut [0.0], &[0.0]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    for row in activation::implementations() {
        match activation::by_name(row.name()) {
            Ok(found) => assert!(std::ptr::eq(found, row), "{}", row.name()),
            Err(error) => assert_refused(&error, "activation", row.isa()),
        }
        let refused = row.relu(&[0.0], &mut [0.0]).err();
        assert_eq!(refused.is_none(), row.is_supported(), "{}", row.name());
    }
    let error = matmul::by_name::<T>("avx1024").unwrap_err().to_string();
    let expected = "no implementation of matmul is named \"avx1024\"; there are avx512, avx2, portable, faer, naive";
    assert_eq!(error, expected);
}

#[track_caller]
fn assert_refused(error: &Error, operation: &str, isa: Isa) {
    let missing = isa.missing().expect("only an unsupported row is refused");
    let expected = format!(
        "the {isa} implementation of {operation} needs {missing}, which this machine lacks"
    );
    assert!(error.to_string().starts_with(&expected), "{error}");
}
