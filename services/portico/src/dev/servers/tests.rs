use super::*;
use crate::host::{TestDirectory, is_running};

fn launch(directory: &Path, script: &str) -> Launch {
    Launch {
        program: "sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: Vec::new(),
        log: directory.join("log"),
        user: None,
        at_our_death: AtOurDeath::Kill,
    }
}

/// Looks again until something is there; fails after ten seconds.
async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited for: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_program_that_ends_early_is_explained_by_its_log() {
    let directory = TestDirectory::new();
    let script = "echo starting; echo 'FATAL: no room' >&2; echo bye; exit 3";
    let mut program = Program::start(launch(&directory.0, script)).await.unwrap();
    assert!(program.wait(Duration::from_secs(10)).await);
    let text = program.failure().unwrap().to_string();
    assert!(text.contains("FATAL: no room") && text.contains("exit status: 3"), "{text}");
}

#[tokio::test]
async fn a_dropped_program_takes_its_children_along() {
    let directory = TestDirectory::new();
    let script = "setsid sleep 300 & echo $!; wait";
    let program = Program::start(launch(&directory.0, script)).await.unwrap();
    let told = || fs::read_to_string(directory.0.join("log")).unwrap().trim().parse::<u32>().ok();
    let child = eventually("the script to tell its child", told).await;
    let parent = program.pid();
    assert!(is_running(parent) && is_running(child));
    drop(program);
    eventually("the child to end", || (!is_running(child)).then_some(())).await;
    assert!(!is_running(parent));
}

#[tokio::test]
async fn a_program_outlives_the_thread_that_asked_for_it() {
    let directory = TestDirectory::new();
    let request = launch(&directory.0, "sleep 300");
    let mut program = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Program::start(request)).unwrap()
    })
    .join()
    .unwrap();
    assert!(!program.wait(Duration::from_millis(200)).await);
}

#[test]
fn a_port_in_use_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let text = require_free_port(port, "Postgres").unwrap_err().to_string();
    assert!(text.contains(&port.to_string()) && text.contains("Postgres"), "{text}");
}

#[test]
fn no_port_is_given_twice() {
    let asking = || std::thread::spawn(|| (0..60).map(|_| super::free_port().expect("a port")).collect::<Vec<_>>());
    let given: Vec<u16> = [asking(), asking(), asking()].into_iter().flat_map(|ports| ports.join().unwrap()).collect();
    let different: std::collections::BTreeSet<_> = given.iter().collect();
    assert_eq!((given.len(), different.len()), (180, 180));
}
