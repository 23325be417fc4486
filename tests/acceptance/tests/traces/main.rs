//! One trace from the HTTP request to the mail, seen by a real OTLP receiver. A process of its own: telemetry is set up
//! once per process.

use anyhow::{Context, Result, ensure};
use kit::{PASSWORD, Portal, PortalOptions, eventually};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::Span,
};
use runtime::Config;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = request.into_inner().resource_spans.into_iter().flat_map(|r| r.scope_spans).flat_map(|s| s.spans);
        self.0.lock().expect("no test panics with it").extend(spans);
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Receiver {
    fn of_trace(&self, trace: &str) -> Vec<Span> {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let all = self.0.lock().expect("no test panics with it");
        all.iter().filter(|s| hex(&s.trace_id) == trace).cloned().collect()
    }
}

/// proves: O04
#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_request_to_the_mail() -> Result<()> {
    let receiver = Receiver::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn({
        let receiver = receiver.clone();
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        tonic::transport::Server::builder().add_service(TraceServiceServer::new(receiver)).serve_with_incoming(incoming)
    });
    let settings = [
        ("PORTICO_OTLP_ENDPOINT", endpoint.as_str()),
        ("PORTICO_LOG_LEVEL", "off"),
        ("PORTICO_TRUSTED_PROXIES", "127.0.0.2/32"),
    ];
    let settings: Vec<_> = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let telemetry = runtime::init_telemetry(&Config::from_settings(settings.clone(), &[])?, "all")?;
    let portal = Portal::with(PortalOptions { settings, ..PortalOptions::default() }).await?;

    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let contact = json!({"fields": {"last_name": "Canary", "email": "canary@acme.test"}});
    let contact = eventually("a contact", async || {
        Ok(admin.clone().post("/modules/contacts/records", contact.clone()).await?.expect(201)?.json())
    })
    .await?;
    let id = contact["id"].as_str().context("an id")?.to_owned();
    let dates = json!({"support_start": "2020-01-01", "support_end": "2099-12-31"});
    admin.post(&format!("/admin/contacts/{id}/portal-access"), dates).await?.expect(200)?;
    portal.mail_to("canary@acme.test", "").await?;
    let ticket = json!({"fields": {"title": "canary-title", "contact_id": id}});
    let ticket = admin.post("/modules/tickets/records", ticket).await?.expect(201)?.json();
    portal.settle().await?;

    let path = format!("/modules/tickets/records/{}/comments", ticket["id"].as_str().context("an id")?);
    let answer = admin.post(&path, json!({"body": "canary-comment"})).await?.expect(201)?;
    let trace = answer.header("server-timing").trim_start_matches("trace;desc=").to_owned();
    ensure!(trace.len() == 32, "{trace}");
    let mail = portal.mail_to("canary@acme.test", ticket["number"].as_str().unwrap_or_default()).await?;
    let reference =
        mail.headers.iter().find(|(k, _)| k.eq_ignore_ascii_case("x-portico-reference")).map(|(_, v)| v.clone());
    ensure!(reference.as_deref() == Some(trace.as_str()), "{:?}", mail.headers);

    let expected = [
        ("POST /api/v1/modules/{module}/records/{id}/comments", 2),
        ("portico.records.v1.RecordsService/AddComment", 3),
        ("portico.records.v1.RecordsService/AddComment", 2),
        ("INSERT events", 3),
        ("publish portico.v1.records.tickets.commented", 4),
        ("process records.record.commented.v1", 5),
        ("render notification", 1),
        ("smtp send", 3),
    ];
    let spans = eventually("all spans of the trace", async || {
        let spans = receiver.of_trace(&trace);
        for (name, kind) in expected {
            let names: Vec<_> = spans.iter().map(|s| (s.name.as_str(), s.kind)).collect();
            ensure!(spans.iter().any(|s| s.name == name && s.kind == kind), "{name} ({kind}) is not among {names:?}");
        }
        Ok(spans)
    })
    .await?;
    let one = |name: &str, kind: i32| spans.iter().find(|s| s.name == name && s.kind == kind).context("a span");
    let (request, client, server) = (one(expected[0].0, 2)?, one(expected[1].0, 3)?, one(expected[2].0, 2)?);
    ensure!(client.parent_span_id == request.span_id, "the call is not the request's child");
    ensure!(server.parent_span_id == client.span_id, "the service's span is not the call's child");
    ensure!(one(expected[5].0, 5)?.parent_span_id == one(expected[4].0, 4)?.span_id, "consume is not publish's child");

    strangers_begin_a_trace_of_their_own(&portal, &receiver).await?;

    // Nothing personal in any span, of this trace or another.
    let all = receiver.0.lock().expect("no test panics with it").clone();
    ensure!(all.len() > 20, "only {} spans", all.len());
    for span in &all {
        for attribute in &span.attributes {
            let Some(Value::StringValue(text)) = attribute.value.as_ref().and_then(|v| v.value.as_ref()) else {
                continue;
            };
            for secret in ["canary", "admin@test.test", PASSWORD] {
                ensure!(!text.contains(secret), "{} of {} holds {text}", attribute.key, span.name);
            }
        }
    }
    // Metrics are served, with what a dashboard looks for.
    let admin_port = portal.running()[0].admin;
    let metrics = kit::Browser::new(&format!("http://{admin_port}")).page("/metrics").await?.text();
    for name in ["http_server_request_duration_seconds", "rpc_server_call_duration_seconds", "portico_build_info"] {
        ensure!(metrics.contains(name), "{name} is not in the metrics");
    }
    for probe in ["/livez", "/readyz", "/startupz"] {
        kit::Browser::new(&format!("http://{admin_port}")).page(probe).await?.expect(200)?;
    }
    portal.stop().await?;
    telemetry.shutdown().await;
    Ok(())
}

/// A trace goes on only when a proxy of ours says so: whoever may choose ids mixes traces up, and whoever may set the flag
/// makes us record and pay for what he likes.
async fn strangers_begin_a_trace_of_their_own(portal: &Portal, receiver: &Receiver) -> Result<()> {
    let (theirs, parent) = ("0123456789abcdef0123456789abcdef", "00f067aa0ba902b7");
    let context = format!("00-{theirs}-{parent}-01");
    let trace_of = async |browser: &mut kit::Browser| -> Result<String> {
        let answer = browser.send("GET".parse()?, "/api/v1/nothing", &[("traceparent", &context)], Vec::new()).await?;
        Ok(answer.expect(404)?.json()["trace_id"].as_str().unwrap_or_default().to_owned())
    };
    let through_a_proxy = trace_of(&mut portal.browser().from_address([127, 0, 0, 2].into())).await?;
    ensure!(through_a_proxy == theirs, "{through_a_proxy}");
    let own = trace_of(&mut portal.browser()).await?;
    ensure!(own.len() == 32 && own != theirs, "{own}");
    let root = eventually("the stranger's request", async || {
        receiver.of_trace(&own).into_iter().next().context("no span yet")
    })
    .await?;
    ensure!(root.parent_span_id.is_empty(), "it has a parent");
    let links: Vec<Vec<u8>> = root.links.iter().map(|link| link.trace_id.clone()).collect();
    ensure!(
        links == [(0..16).map(|i| u8::from_str_radix(&theirs[i * 2..i * 2 + 2], 16)).collect::<Result<Vec<_>, _>>()?]
    );
    Ok(())
}
