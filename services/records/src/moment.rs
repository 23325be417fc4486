//! Moments in columns that are never null: an empty one is `-infinity`, which no clock shows.

use kernel::Timestamp;
use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};

/// A moment of such a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaybeMoment(pub(crate) Option<Timestamp>);

/// From 1970 to 2000, where the server's moments begin, in microseconds.
const EPOCH: i64 = 946_684_800_000_000;

impl Type<Postgres> for MaybeMoment {
    fn type_info() -> PgTypeInfo {
        <time::OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Decode<'_, Postgres> for MaybeMoment {
    fn decode(value: PgValueRef<'_>) -> Result<MaybeMoment, BoxDynError> {
        let micros = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        // The smallest and the largest number stand for the infinite ones.
        let finite = micros != i64::MIN && micros != i64::MAX;
        Ok(MaybeMoment(finite.then(|| Timestamp::from_micros(micros + EPOCH))))
    }
}
