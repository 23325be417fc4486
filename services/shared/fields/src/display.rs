//! How people see a value and fill it in.

/// How a value is shown, and by what control it is filled in. Types that look alike share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Display {
    /// One line of text.
    Line,
    /// Formatted text of several lines.
    Markdown,
    /// A whole number.
    Integer,
    /// A number with a fraction.
    Decimal,
    /// A share of a whole, with its sign.
    Percent,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
    /// A moment, in the viewer's time zone.
    DateTime,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// One of few values, each with its label and colour.
    Choice,
    /// The title of a record, picked among many.
    Record,
    /// The name of an agent.
    Agent,
}
