//! What a login still lacks. A session whose stage is not complete can do nothing but the missing step.

/// How far a login has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// Nothing is missing.
    Complete,
    /// The second factor that is set up.
    Factor,
    /// Setting up a second factor.
    Enrolment,
    /// Another password: this one was for one use, or is too short without a second factor.
    PasswordChange,
    /// Agreement to the terms of use.
    Terms,
}

impl Stage {
    /// Every stage.
    pub(crate) const ALL: [Stage; 5] =
        [Stage::Complete, Stage::Factor, Stage::Enrolment, Stage::PasswordChange, Stage::Terms];

    /// The number in the table.
    pub(crate) fn number(self) -> i16 {
        match self {
            Stage::Complete => 0,
            Stage::Factor => 1,
            Stage::Enrolment => 2,
            Stage::PasswordChange => 3,
            Stage::Terms => 4,
        }
    }

    /// The stage of a number. An unknown one waits for a factor: it can do nothing.
    pub(crate) fn from_number(number: i16) -> Stage {
        Stage::ALL.into_iter().find(|s| s.number() == number).unwrap_or(Stage::Factor)
    }

    /// How long a login may wait at this stage, in seconds: 5 min for a code, 10 min for what takes reading or typing.
    pub(crate) fn waits_seconds(self) -> i64 {
        match self {
            Stage::Complete => 0,
            Stage::Factor => 300,
            Stage::Enrolment | Stage::PasswordChange | Stage::Terms => 600,
        }
    }
}

/// What is known of a login when its next stage is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    /// A second factor is set up.
    pub(crate) has_factor: bool,
    /// It was proved in this login, or a passkey was used alone.
    pub(crate) factor_proved: bool,
    /// The password that was used is for one use.
    pub(crate) one_time_password: bool,
    /// The password is shorter than what is asked of those without a second factor.
    pub(crate) short_password: bool,
    /// The user must have a second factor: by itself, or by the installation.
    pub(crate) factor_required: bool,
    /// There are terms of use that the user has not agreed to.
    pub(crate) terms_due: bool,
}

/// What is missing next. The order matters: who somebody is comes before what they are asked for, and a password is
/// changed before a factor is tied to the account that somebody else's password opened.
pub(crate) fn next(standing: Standing) -> Stage {
    let Standing { has_factor, factor_proved, one_time_password, short_password, factor_required, terms_due } =
        standing;
    if has_factor && !factor_proved {
        Stage::Factor
    } else if one_time_password || (short_password && !has_factor && !factor_required) {
        Stage::PasswordChange
    } else if factor_required && !has_factor {
        Stage::Enrolment
    } else if terms_due {
        Stage::Terms
    } else {
        Stage::Complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn standing(bits: u8) -> Standing {
        let bit = |n: u8| bits & (1 << n) != 0;
        Standing {
            has_factor: bit(0),
            factor_proved: bit(1),
            one_time_password: bit(2),
            short_password: bit(3),
            factor_required: bit(4),
            terms_due: bit(5),
        }
    }

    #[test]
    fn a_factor_is_asked_for_first_and_terms_last() {
        let all = Standing { factor_proved: false, ..standing(0b11_1111) };
        assert_eq!(next(all), Stage::Factor);
        let proved = Standing { factor_proved: true, ..all };
        assert_eq!(next(proved), Stage::PasswordChange);
        assert_eq!(next(Standing { one_time_password: false, ..proved }), Stage::Terms);
        assert_eq!(next(Standing { factor_required: true, ..Standing::default() }), Stage::Enrolment);
        assert_eq!(next(Standing::default()), Stage::Complete);
    }

    #[test]
    fn a_short_password_is_enough_only_where_a_factor_stands_behind_it() {
        let short = Standing { short_password: true, ..Standing::default() };
        assert_eq!(next(short), Stage::PasswordChange);
        assert_eq!(next(Standing { factor_required: true, ..short }), Stage::Enrolment);
        assert_eq!(next(Standing { has_factor: true, factor_proved: true, ..short }), Stage::Complete);
    }

    proptest! {
        /// Whatever the circumstances: nobody gets in without the factor that is set up or required.
        #[test]
        fn complete_means_that_nothing_is_missing(bits in 0_u8..64) {
            let s = standing(bits);
            if next(s) == Stage::Complete {
                prop_assert!(!s.has_factor || s.factor_proved);
                prop_assert!(!s.factor_required || s.has_factor);
                prop_assert!(!s.one_time_password && !s.terms_due);
            }
        }
    }

    #[test]
    fn a_number_that_nobody_knows_can_do_nothing() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_number(stage.number()), stage);
        }
        assert_eq!(Stage::from_number(77), Stage::Factor);
    }
}
