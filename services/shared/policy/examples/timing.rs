//! Prints how long decisions and compilations take, and how large a plan is. Nothing is asserted: the
//! figures depend on the machine. The goals are at most 10 µs for a record of 60 fields against 50 rules,
//! 5 ms for a plan of 60 modules with 60 fields each and 200 rules, and 64 kB for a plan.
//!
//! `cargo run -p policy --example timing --release`

#![allow(clippy::print_stdout)] // What an example is for.

use policy::{
    Access, AccessPlan, Action, Catalogue, ChosenBecause, ChosenProfile, Clock, Condition, ContactGrant, Effect, Fact,
    Facts, FieldGrant, FieldShape, FieldType, Grant, Labels, ModuleGrant, ModuleShape, Operator, Origin, PerAction,
    Profile, Rule, Scope, Tie, ValueRef, decide_record,
};
use std::{collections::BTreeMap, hint::black_box, time::Instant};

const FIELDS: usize = 60;

/// A record as a decoded document holds it: values by place, found by a binary search over names.
struct Document(Vec<(String, String)>);

impl Facts for Document {
    fn fact(&self, field: &str) -> Fact<'_> {
        match self.0.binary_search_by(|(name, _)| name.as_str().cmp(field)) {
            Ok(at) => ValueRef::Text(&self.0[at].1).into(),
            Err(_) => Fact::NoSuchField,
        }
    }

    fn tie(&self) -> Tie {
        Tie { mine: true, company: true }
    }
}

fn field(i: usize) -> String {
    format!("field_{i:02}")
}

fn rule(i: usize) -> Rule {
    let test = |i: usize, value: &str| Condition::test(&field(i % FIELDS), Operator::Eq, value);
    Rule {
        id: format!("rule-{i:03}"),
        name: String::new(),
        enabled: true,
        priority: 0,
        when: Condition::All(vec![test(i, "value"), Condition::Any(vec![test(i + 7, "other"), test(i + 13, "value")])]),
        effects: vec![
            Effect::Visibility { field: field((i + 1) % FIELDS), access: Access::Read },
            Effect::Visibility { field: field((i + 2) % FIELDS), access: Access::Hidden },
        ],
        public_reason: Labels::default(),
        origin: Origin::Own,
    }
}

fn profile(modules: usize, rules: usize) -> (Profile, Catalogue) {
    let shape = ModuleShape {
        fields: (0..FIELDS).map(|i| (field(i), FieldShape::new(FieldType::Text))).collect(),
        ..ModuleShape::default()
    };
    let grant = |rules: Vec<Rule>| ModuleGrant {
        enabled: true,
        actions: PerAction::of([(Action::View, Grant::Company), (Action::Edit, Grant::Mine)]),
        fields: (0..FIELDS).map(|i| (field(i), FieldGrant::new(Access::Write))).collect(),
        rules,
        ..ModuleGrant::default()
    };
    let mut profile = Profile::default_profile();
    let mut catalogue = Catalogue::default();
    for m in 0..modules {
        let own = (0..rules).filter(|r| r % modules == m).map(rule).collect();
        profile.modules.insert(format!("module_{m}"), grant(own));
        catalogue.modules.insert(format!("module_{m}"), shape.clone());
    }
    (profile, catalogue)
}

fn plan(profile: &Profile, catalogue: &Catalogue) -> AccessPlan {
    let contact = ContactGrant {
        id: "contact".to_owned(),
        contact_number: Some(1),
        companies: Vec::new(),
        fields: BTreeMap::new(),
        stands_for_company: false,
        profile: ChosenProfile { id: "profile".to_owned(), version: 1, chosen_because: ChosenBecause::Default },
        policy_version: 1,
    };
    AccessPlan::for_contact(profile, contact, catalogue, Scope::Mine)
}

/// The shortest of several rounds, in nanoseconds for one call.
fn best(calls: u32, mut call: impl FnMut()) -> u128 {
    let round = || {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed().as_nanos() / u128::from(calls)
    };
    std::iter::repeat_with(round).take(15).min().unwrap_or_default()
}

fn main() {
    let (small, catalogue) = profile(1, 50);
    let one = plan(&small, &catalogue);
    let record = Document((0..FIELDS).map(|i| (field(i), "value".to_owned())).collect());
    let clock = Clock::utc(kernel::Timestamp::from_micros(1_785_000_000_000_000));
    let decide = best(2_000, || {
        black_box(decide_record(black_box(&one), "module_0", black_box(&record), &clock));
    });
    println!("decide a record of {FIELDS} fields against 50 rules: {decide} ns");

    let (large, catalogue) = profile(60, 200);
    let compile = best(10, || {
        black_box(plan(black_box(&large), &catalogue));
    });
    println!("compile a plan of 60 modules with {FIELDS} fields and 200 rules: {} us", compile / 1_000);
    let json = serde_json::to_vec(&plan(&large, &catalogue)).map_or(0, |text| text.len());
    let usual = serde_json::to_vec(&one).map_or(0, |text| text.len());
    println!("JSON of that plan: {json} bytes; of one module with 50 rules: {usual} bytes");
}
