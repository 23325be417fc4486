//! Limits per source: one address can neither try many logins nor hide behind a header.

use crate::{WRONG, at, status};
use anyhow::Result;
use kit::Portal;
use serde_json::json;

/// proves: A06
#[tokio::test(flavor = "multi_thread")]
async fn from_the_twenty_first_failure_on_one_source_waits_whatever_it_says_it_is() -> Result<()> {
    let portal = Portal::start().await?;
    let source = at(&portal, 7);
    for account in 0..5 {
        for _ in 0..4 {
            assert_eq!(status(&source, &format!("user{account}@acme.test"), WRONG).await?, 401);
        }
    }
    let mut forged = source.clone();
    let headers = [("x-forwarded-for", "1.2.3.4"), ("content-type", "application/json")];
    let body = json!({"login": "user9@acme.test", "password": WRONG}).to_string();
    let answer = forged.send("POST".parse()?, "/api/v1/auth/login", &headers, body.into_bytes()).await?.expect(429)?;
    assert!(answer.header("retry-after").parse::<u64>()? >= 1, "{}", answer.header("retry-after"));
    assert_eq!(answer.code(), "too_many_requests");
    assert_eq!(status(&at(&portal, 8), "user0@acme.test", WRONG).await?, 401, "another source is unaffected");
    portal.stop().await
}

/// proves: A06
#[tokio::test(flavor = "multi_thread")]
async fn many_different_pairs_block_a_source_and_the_same_mistake_again_does_not() -> Result<()> {
    let portal = Portal::start().await?;
    let stuffing = at(&portal, 7);
    for n in 0..16 {
        assert_eq!(status(&stuffing, &format!("u{n}@acme.test"), &format!("leaked password {n}")).await?, 401);
    }
    assert_eq!(status(&stuffing, "u99@acme.test", WRONG).await?, 429);
    let forgetful = at(&portal, 8);
    for _ in 0..12 {
        assert_eq!(status(&forgetful, "who@acme.test", "with caps lock on").await?, 401);
    }
    assert_eq!(status(&forgetful, "who@acme.test", WRONG).await?, 401);
    portal.stop().await
}

/// proves: A12
#[tokio::test(flavor = "multi_thread")]
async fn ten_requests_for_a_link_bring_three_mails_and_ten_equal_answers() -> Result<()> {
    let portal = Portal::start().await?;
    crate::support::somebody(&portal, "emma@acme.test").await?;
    portal.mail.clear().await?;
    for _ in 0..10 {
        let answer = at(&portal, 7).post("/auth/password/forgot", json!({"login": "emma@acme.test"})).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (202, 0));
    }
    let evil = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("content-type", "application/json")];
    let body = json!({"login": "emma@acme.test"}).to_string().into_bytes();
    at(&portal, 8).send("POST".parse()?, "/api/v1/auth/password/forgot", &evil[1..], body).await?;
    portal.mail_to("emma@acme.test", "Choose a new password").await?;
    portal.settle().await?;
    let mails = portal.mail.messages().await?;
    assert!((1..=3).contains(&mails.len()), "{} mails", mails.len());
    assert!(mails.iter().all(|m| m.text.contains(&portal.url) && !m.text.contains("evil")));
    portal.stop().await
}
