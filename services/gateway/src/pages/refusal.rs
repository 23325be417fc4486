//! What a refused form of the console shows: what is wrong, by input and as a whole.

use crate::pages::answer::Fault;
use gateway_ui::{
    Lang,
    vm::{Faults, FieldFault, fault_text},
};
use http::StatusCode;
use kernel::{Code, Error};

/// A reason that is out of range is too short: its input takes no more than a reason may have.
fn fault_of(input: &str, code: &str) -> FieldFault {
    match code {
        "out_of_range" if input.ends_with("_reason") => FieldFault::Said("fault-too-short"),
        _ => FieldFault::of_console(code),
    }
}

/// A refusal that the form itself can show.
pub(crate) struct Refusal {
    pub(crate) faults: Faults,
    pub(crate) status: StatusCode,
}

impl Refusal {
    /// Reads a service's refusal. `inputs` says which input of the form a field of the service is; a field without one is
    /// told with the whole form. What no form can mend goes on as an error.
    pub(crate) fn of(error: Error, lang: Lang, inputs: &[(&str, &str)]) -> Result<Refusal, Fault> {
        let status = match error.code {
            Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Code::Conflict | Code::Precondition => StatusCode::CONFLICT,
            _ => return Err(error.into()),
        };
        let mut faults = Faults::default();
        for found in &error.fields {
            match inputs.iter().find(|(field, _)| *field == found.field) {
                Some((_, input)) => faults.fields.push(((*input).to_owned(), fault_of(input, &found.code))),
                None => faults.whole = Some(fault_text(&found.code, lang)),
            }
        }
        if error.fields.is_empty() {
            faults.whole = Some(fault_text(&error.reason, lang));
        }
        Ok(Refusal { faults, status })
    }

    /// A refusal of our own, of one input.
    pub(crate) fn input(input: &str, fault: FieldFault) -> Refusal {
        let faults = Faults { fields: vec![(input.to_owned(), fault)], whole: None };
        Refusal { faults, status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// A refusal of our own, of the whole form.
    pub(crate) fn whole(reason: &str, lang: Lang) -> Refusal {
        let faults = Faults { fields: Vec::new(), whole: Some(fault_text(reason, lang)) };
        Refusal { faults, status: StatusCode::UNPROCESSABLE_ENTITY }
    }
}
