//! Compiles the `.proto` files without `protoc` and generates, from our own options, two tables: of stored events (their
//! names, which of their fields are personal, and how each turns into JSON and back), and of methods (how lately a caller
//! must have proved who they are). A method that does not say so fails the build.

use prost::Message;
use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};
use prost_types::method_options::IdempotencyLevel;
use serde_json::{Map, Value, json};
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

/// Maps that are always encoded in the same order, because a digest is taken of them.
const ORDERED: [&str; 1] = [".portico.records.v1.ModuleView"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    for file in FILES {
        println!("cargo:rerun-if-changed={file}");
    }
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let mut set = compiler.file_descriptor_set();
    let events = event_table(&compiler.descriptor_pool())?;
    let methods = method_table(&compiler.descriptor_pool())?;
    set.file.retain(|f| f.name().starts_with("portico/") && !f.name().starts_with("portico/options/"));

    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("events.rs"), events)?;
    fs::write(Path::new(&out).join("methods.rs"), methods)?;
    pbjson_build::Builder::new()
        .register_descriptors(&set.encode_to_vec())?
        .preserve_proto_field_names()
        .ignore_unknown_fields()
        .btree_map(ORDERED)
        .build(&[".portico"])?;
    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .btree_map(ORDERED[0])
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(set)?;
    Ok(())
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
            "    EventType {{ stored: {name:?}, message: {:?}, personal: &{tags:?}, schema: {:?} }},",
            message.full_name(),
            serde_json::to_string_pretty(&schema(&name, &message, &tags))?,
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

/// A request that brings the session which asks has this field of this type.
const SESSION: (&str, &str) = ("session", "portico.identity.v1.SessionProof");

/// Rust source of the table of methods.
fn method_table(pool: &prost_reflect::DescriptorPool) -> Result<String, Box<dyn std::error::Error>> {
    let proof = pool.get_extension_by_name("portico.options.v1.proof").ok_or("the option `proof` is missing")?;
    let mut methods: Vec<_> = pool.services().flat_map(|s| s.methods().collect::<Vec<_>>()).collect();
    methods.sort_by_key(|m| m.full_name().to_owned());
    let mut rows = String::new();
    let mut requests = String::new();
    for (n, method) in methods.iter().enumerate() {
        let number = method.options().get_extension(&proof).as_enum_number().unwrap_or_default();
        let word = match number {
            1 => "None",
            2 => "Proves",
            3 => "Session",
            4 => "Fresh",
            _ => return Err(format!("{} does not say what proof it needs (option `proof`)", method.full_name()).into()),
        };
        let input = method.input();
        let by_session = input
            .get_field_by_name(SESSION.0)
            .is_some_and(|f| f.kind().as_message().is_some_and(|m| m.full_name() == SESSION.1));
        let options = method.method_descriptor_proto().options.as_ref();
        let level = options.map_or(IdempotencyLevel::IdempotencyUnknown, |o| o.idempotency_level());
        let repeatable = level != IdempotencyLevel::IdempotencyUnknown;
        let path = format!("{}/{}", method.parent_service().full_name(), method.name());
        let fields: Vec<String> = input.fields().map(|f| f.name().to_owned()).collect();
        writeln!(
            rows,
            "    Method {{ path: {path:?}, proof: Proof::{word}, by_session: {by_session}, repeatable: {repeatable}, fields: &{fields:?} }},"
        )?;
        if by_session {
            let package = input.package_name().trim_start_matches("portico.").replace('.', "::");
            writeln!(
                requests,
                "impl BySession for crate::{package}::{} {{\n    const METHOD: &'static Method = &METHODS[{n}];\n    \
                 fn session(&self) -> Option<&crate::identity::v1::SessionProof> {{ self.session.as_ref() }}\n}}",
                input.name()
            )?;
        }
    }
    Ok(format!(
        "/// Every method that Portico serves, by path.\npub static METHODS: &[Method] = &[\n{rows}];\n\n{requests}"
    ))
}

/// The JSON Schema of an event's published form. Nothing is required, since what has its default is left out, and nothing
/// more is forbidden, since fields are added within a version.
fn schema(stored: &str, message: &MessageDescriptor, personal: &[u32]) -> Value {
    let mut definitions = Map::new();
    let mut schema = object(message, personal, &mut definitions);
    if let Some(top) = schema.as_object_mut() {
        top.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        top.insert("title".into(), stored.into());
        top.insert("description".into(), format!("The protobuf message {} as JSON.", message.full_name()).into());
        if !definitions.is_empty() {
            top.insert("$defs".into(), definitions.into());
        }
    }
    schema
}

fn object(message: &MessageDescriptor, personal: &[u32], definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in message.fields() {
        let mut property = property(&field, definitions);
        if let Some(property) = property.as_object_mut().filter(|_| personal.contains(&field.number())) {
            property.insert("x-personal".into(), true.into());
        }
        properties.insert(field.name().to_owned(), property);
    }
    json!({"type": "object", "properties": properties})
}

fn property(field: &FieldDescriptor, definitions: &mut Map<String, Value>) -> Value {
    if field.is_map()
        && let Kind::Message(entry) = field.kind()
    {
        return json!({"type": "object", "additionalProperties": value(&entry.map_entry_value_field(), definitions)});
    }
    let one = value(field, definitions);
    if field.cardinality() == Cardinality::Repeated { json!({"type": "array", "items": one}) } else { one }
}

fn value(field: &FieldDescriptor, definitions: &mut Map<String, Value>) -> Value {
    match field.kind() {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::String => json!({"type": "string"}),
        Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Double | Kind::Float => json!({"type": ["number", "string"]}),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "string", "pattern": "^-?[0-9]+$"}),
        Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "pattern": "^[0-9]+$"}),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer"}),
        Kind::Enum(kind) => {
            let names: Vec<Value> = kind.values().map(|v| v.name().into()).collect();
            json!({"type": "string", "examples": names, "x-extensible-enum": names})
        }
        Kind::Message(message) => {
            let name = message.name().to_owned();
            if !definitions.contains_key(&name) {
                // There before it is described: a message may hold itself.
                definitions.insert(name.clone(), Value::Null);
                let described = object(&message, &[], definitions);
                definitions.insert(name.clone(), described);
            }
            json!({"$ref": format!("#/$defs/{name}")})
        }
    }
}
