//! Why a value can't be taken: one list of reasons for all services, which programs read as codes.

use kernel::text;

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident = $code:literal,)+) => {
        /// Why a value can't be taken. What people are told depends on the field's type too:
        /// [`crate::FieldType::fault_text`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)+
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Fault] = &[$(Fault::$fault,)+];

            /// What programs read; it never changes.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Fault::$fault => $code,)+
                }
            }

            /// The fault of a code; none for a code that says something else.
            pub fn of_code(code: &str) -> Option<Fault> {
                match code {
                    $($code => Some(Fault::$fault),)+
                    _ => None,
                }
            }
        }
    };
}

faults! {
    /// Something is needed here.
    Required = "required",
    /// Longer than the field takes.
    TooLong = "too_long",
    /// Holds characters that can't be shown.
    ControlCharacters = "control_characters",
    /// Neither the type's form nor one that it could be read from.
    WrongType = "wrong_type",
    /// Outside of what can be stored or of what means something.
    OutOfRange = "out_of_range",
    /// No number.
    NotANumber = "not_a_number",
    /// No day of the calendar.
    NotADate = "not_a_date",
    /// No moment.
    NotADateTime = "not_a_date_time",
    /// No e-mail address.
    NotAnEmail = "not_an_email",
    /// No telephone number.
    NotAPhone = "not_a_phone",
    /// No web address.
    NotAUrl = "not_a_url",
    /// None of the keys to choose from.
    UnknownValue = "unknown_value",
    /// A key that the profile does not let this person choose.
    NotAllowedValue = "not_allowed_value",
    /// Points to no record that the caller sees.
    UnknownRecord = "unknown_record",
    /// Names no agent.
    UnknownAgent = "unknown_agent",
    /// The module has no such field, or the caller doesn't see it.
    UnknownField = "unknown_field",
    /// The caller may not change the field.
    ReadOnly = "read_only",
    /// The field was given more than once.
    GivenTwice = "given_twice",
}

/// A fault with its sentence in English, for those who call the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// Why.
    pub fault: Fault,
    /// For people.
    pub sentence: &'static str,
}

impl Misfit {
    /// Something is needed here.
    pub const REQUIRED: Misfit = Misfit::new(Fault::Required, text::REQUIRED.1);
    /// The relation points to nothing that the caller can see.
    pub const UNKNOWN_RECORD: Misfit = Misfit::new(Fault::UnknownRecord, "There is no such record.");
    /// The owner is no agent.
    pub const UNKNOWN_AGENT: Misfit = Misfit::new(Fault::UnknownAgent, "There is no such agent.");
    /// The module has no such field, or the caller can't see it.
    pub const UNKNOWN_FIELD: Misfit = Misfit::new(Fault::UnknownField, "There is no such field.");
    /// Given more than once.
    pub const GIVEN_TWICE: Misfit = Misfit::new(Fault::GivenTwice, "This field was given twice.");
    pub(crate) const WRONG_TYPE: Misfit = Misfit::new(Fault::WrongType, "This value has the wrong type.");
    pub(crate) const OUT_OF_RANGE: Misfit =
        Misfit::new(Fault::OutOfRange, "This value is outside of what can be stored.");

    /// A fault and its sentence.
    pub const fn new(fault: Fault, sentence: &'static str) -> Misfit {
        Misfit { fault, sentence }
    }

    /// What is wrong with a text or an address.
    pub fn of_text(misfit: text::Misfit) -> Misfit {
        let fault = match misfit {
            text::REQUIRED => Fault::Required,
            text::TOO_LONG => Fault::TooLong,
            text::NOT_AN_EMAIL => Fault::NotAnEmail,
            _ => Fault::ControlCharacters,
        };
        Misfit::new(fault, misfit.1)
    }
}
