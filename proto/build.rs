//! Compiles the `.proto` files without `protoc` and generates, from our own options, the table of stored events:
//! their names, which of their fields are personal, and how each turns into JSON and back.

use prost::Message;
use prost_types::method_options::IdempotencyLevel;
use std::{env, fmt::Write, fs, path::Path};

const FILES: [&str; 13] = [
    "portico/options/v1/options.proto",
    "portico/eventlog/v1/eventlog.proto",
    "portico/identity/v1/events.proto",
    "portico/identity/v1/identity.proto",
    "portico/identity/v1/account.proto",
    "portico/identity/v1/administration.proto",
    "portico/permissions/v1/events.proto",
    "portico/permissions/v1/permissions.proto",
    "portico/records/v1/model.proto",
    "portico/records/v1/events.proto",
    "portico/records/v1/records.proto",
    "portico/notification/v1/events.proto",
    "portico/notification/v1/notification.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    for file in FILES {
        println!("cargo:rerun-if-changed={file}");
    }
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let mut set = compiler.file_descriptor_set();
    let events = event_table(&compiler.descriptor_pool())?;
    set.file.retain(|f| f.name().starts_with("portico/") && !f.name().starts_with("portico/options/"));

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("events.rs"), events)?;
    fs::write(Path::new(&out).join("methods.rs"), repeatable_methods(&set))?;
    pbjson_build::Builder::new()
        .register_descriptors(&set.encode_to_vec())?
        .preserve_proto_field_names()
        .ignore_unknown_fields()
        .build(&[".portico"])?;
    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(set)?;
    Ok(())
}

/// Rust source of the list of methods that may be called twice, from protobuf's own option `idempotency_level`.
fn repeatable_methods(set: &prost_types::FileDescriptorSet) -> String {
    let mut paths = Vec::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let level =
                    method.options.as_ref().map_or(IdempotencyLevel::IdempotencyUnknown, |o| o.idempotency_level());
                if level != IdempotencyLevel::IdempotencyUnknown {
                    paths.push(format!("/{}.{}/{}", file.package(), service.name(), method.name()));
                }
            }
        }
    }
    paths.sort();
    format!(
        "/// Paths of the methods that may be called twice, sorted.\npub const REPEATABLE: &[&str] = &{paths:#?};\n"
    )
}

/// Rust source of the table of stored events.
fn event_table(pool: &prost_reflect::DescriptorPool) -> Result<String, Box<dyn std::error::Error>> {
    let personal =
        pool.get_extension_by_name("portico.options.v1.personal").ok_or("the option `personal` is missing")?;
    let stored =
        pool.get_extension_by_name("portico.options.v1.stored_type").ok_or("the option `stored_type` is missing")?;
    let mut rows = String::new();
    let mut to_json = String::new();
    let mut from_json = String::new();
    let mut consts = String::new();
    for message in pool.all_messages() {
        let options = message.options();
        if !options.has_extension(&stored) {
            continue;
        }
        let name = options.get_extension(&stored).as_str().unwrap_or_default().to_owned();
        let tags: Vec<u32> = message
            .fields()
            .filter(|f| {
                let o = f.options();
                o.has_extension(&personal) && o.get_extension(&personal).as_bool() == Some(true)
            })
            .map(|f| f.number())
            .collect();
        let package = message.package_name().trim_start_matches("portico.").replace('.', "::");
        let path = format!("crate::{package}::{}", message.name());
        writeln!(
            rows,
            "    EventType {{ stored: {name:?}, message: {:?}, personal: &{tags:?} }},",
            message.full_name()
        )?;
        writeln!(to_json, "        {name:?} => json_of::<{path}>(payload),")?;
        writeln!(from_json, "        {name:?} => bytes_of::<{path}>(json),")?;
        writeln!(consts, "impl StoredEvent for {path} {{ const STORED_TYPE: &'static str = {name:?}; }}")?;
    }
    Ok(format!(
        "/// Every event that Portico stores, in no particular order.\n\
         pub const EVENT_TYPES: &[EventType] = &[\n{rows}];\n\n\
         fn dispatch_to_json(stored: &str, payload: &[u8]) -> Result<serde_json::Value, EventError> {{\n    match stored {{\n{to_json}        _ => Err(EventError::UnknownType),\n    }}\n}}\n\n\
         fn dispatch_from_json(stored: &str, json: &[u8]) -> Result<Vec<u8>, EventError> {{\n    match stored {{\n{from_json}        _ => Err(EventError::UnknownType),\n    }}\n}}\n\n{consts}"
    ))
}
