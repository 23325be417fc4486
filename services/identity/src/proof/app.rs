//! A code of an authenticator app (RFC 6238): SHA-1, six digits, thirty seconds, as every app understands.
//!
//! A code of the current or the former step is accepted, so that a slow typist has a minute; each step once.

use kernel::{Error, Timestamp};
use sqlx::PgPool;
use totp_rs::{Algorithm, Builder, Totp};
use uuid::Uuid;

/// Seconds of a step.
pub(crate) const STEP: u64 = 30;

/// A step whose code somebody has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step(i64);

/// A step whose code was shown and can't be shown again.
#[derive(Debug)]
pub(crate) struct UsedStep(());

/// The step whose code this is: the current one or the one before; None for any other text.
pub(crate) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<Step>, Error> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let totp: Totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.to_vec())
        .build()
        .map_err(|e| Error::internal(e.to_string()))?;
    let second = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
    let current = second / STEP;
    // The library also takes the step that is about to come; we don't.
    let step = totp.check(&code, second).filter(|step| *step <= current);
    Ok(step.and_then(|step| i64::try_from(step).ok()).map(Step))
}

/// Uses a step up; None when it, or a later one, was used before. One statement decides among all processes.
pub(crate) async fn use_step(pool: &PgPool, user: Uuid, step: Step) -> Result<Option<UsedStep>, sqlx::Error> {
    let done = sqlx::query("update totp set last_counter = $2 where user_id = $1 and last_counter < $2")
        .bind(user)
        .bind(step.0)
        .execute(pool)
        .await?;
    Ok((done.rows_affected() == 1).then_some(UsedStep(())))
}

impl Step {
    /// The number in the table.
    pub(crate) fn number(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: the SHA-1 secret, whose last six digits at second 59 are 287082.
    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(step_of(SECRET, code, at(second)).unwrap(), Some(Step(second / 30)), "{second}");
        }
    }

    #[test]
    fn the_current_and_the_former_step_count_and_no_other() {
        let step = |second| step_of(SECRET, "081804", at(second)).unwrap();
        let begins = 1_111_111_109 / 30 * 30;
        assert_eq!(step(begins - 1), None, "a code of the step to come");
        assert_eq!(step(begins), Some(Step(begins / 30)));
        assert_eq!(step(begins + 59), Some(Step(begins / 30)), "the step before the current one");
        assert_eq!(step(begins + 60), None);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for text in ["", "28708", "2870820", "28708a", "٢٨٧٠٨٢"] {
            assert_eq!(step_of(SECRET, text, at(59)).unwrap(), None, "{text}");
        }
        assert_eq!(step_of(SECRET, "287 082", at(59)).unwrap(), Some(Step(1)), "as apps show it");
    }
}
