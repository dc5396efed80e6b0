//! Runs against a server of a few lines: what is counted, what is refused, and when latencies begin.

use ember_ab::{Slice, Target, drive};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// What the server does with the request of that number on a connection: the answer's body, or None to hang up.
type Answer = dyn Fn(usize) -> Option<String> + Send + Sync;

/// How many connections there have been, are, and were at most at a time.
#[derive(Default)]
struct Connections {
    made: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

fn serve(answer: Arc<Answer>) -> (SocketAddr, Arc<Connections>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::new(Connections::default()));
    let counts = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (answer, counts) = (answer.clone(), counts.clone());
            thread::spawn(move || {
                counts.made.fetch_add(1, Ordering::SeqCst);
                let now = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
                counts.most.fetch_max(now, Ordering::SeqCst);
                talk(stream.unwrap(), &*answer);
                counts.open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (address, connections)
}

fn talk(mut stream: TcpStream, answer: &Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for number in 0.. {
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if line.is_empty() || reader.read_exact(&mut vec![0; length]).is_err() {
            return;
        }
        let Some(body) = answer(number) else { return };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

fn slice(address: SocketAddr, requests: usize, connections: usize) -> Slice {
    Slice {
        address,
        remote: false,
        order: vec![0; requests],
        expected: vec![None],
        connections,
        rate: None,
        timeout: Duration::from_secs(10),
        longest: Duration::from_secs(60),
        keep_bodies: false,
    }
}

fn page() -> Vec<Target> {
    vec![Target::new("GET", "/", &[], vec![]).unwrap()]
}

#[test]
fn connections_are_bounded_and_kept() {
    let (address, connections) = serve(Arc::new(|_| Some("page".into())));
    let outcome = drive(&page(), slice(address, 300, 5)).unwrap();
    assert_eq!((outcome.sent, outcome.answered, outcome.bytes), (300, 300, 1200));
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert_eq!(outcome.connections, connections.made.load(Ordering::SeqCst) as u64);
    assert!(connections.made.load(Ordering::SeqCst) <= 5 && connections.most.load(Ordering::SeqCst) <= 5);
    assert_eq!(outcome.latencies[0].len(), 300);
}

#[test]
fn a_connection_that_was_closed_is_made_anew() {
    // The server hangs up on every third request, without a word.
    let (address, connections) = serve(Arc::new(|number| (number < 2).then(|| "page".into())));
    let outcome = drive(&page(), slice(address, 30, 1)).unwrap();
    assert_eq!(outcome.answered, 30);
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert!(connections.made.load(Ordering::SeqCst) >= 15);
}

#[test]
fn a_fresh_connection_that_breaks_is_a_failure() {
    let (address, _) = serve(Arc::new(|_| None));
    let outcome = drive(&page(), slice(address, 4, 2)).unwrap();
    assert_eq!((outcome.sent, outcome.answered), (4, 0));
    assert_eq!(outcome.problems["connection broke"].count, 4);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = drive(&page(), slice(nobody, 2, 1)).unwrap();
    assert_eq!(outcome.problems["no connection"].count, 2);
}

#[test]
fn bodies_must_be_what_they_were() {
    let count = AtomicUsize::new(0);
    let (address, _) = serve(Arc::new(move |_| Some(format!("page {}", count.fetch_add(1, Ordering::SeqCst) / 10))));
    let outcome = drive(&page(), slice(address, 15, 1)).unwrap();
    let problem = &outcome.problems["another body"];
    assert_eq!((problem.count, problem.target), (5, 0));
    assert!(String::from_utf8_lossy(&problem.example).contains("page 1"));
    let mut again = slice(address, 1, 1);
    again.expected = outcome.digests;
    assert_eq!(drive(&page(), again).unwrap().problems["another body"].count, 1);
}

#[test]
fn who_waits_behind_a_stall_is_counted_as_waiting() {
    const STALL: u64 = 300;
    let (address, _) = serve(Arc::new(|number| {
        if number == 0 {
            thread::sleep(Duration::from_millis(STALL));
        }
        Some("page".into())
    }));
    let mut paced = slice(address, 20, 1);
    paced.rate = Some(100.0);
    let outcome = drive(&page(), paced).unwrap();
    // Twenty requests were due within 200 ms, all behind the first: each waited for what was left of the stall.
    let shortest = outcome.latencies[0].min();
    assert!(shortest >= (STALL - 200) * 1000 * 9 / 10, "{shortest} µs");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let elsewhere = "192.0.2.1:80".parse().unwrap();
    assert!(drive(&page(), slice(elsewhere, 1, 1)).unwrap_err().contains("not an address of this machine"));
    let here = "127.0.0.1:9".parse().unwrap();
    assert!(drive(&page(), slice(here, 1, 0)).is_err());
    assert!(drive(&page(), Slice { rate: Some(0.0), ..slice(here, 1, 1) }).is_err());
    assert!(drive(&page(), Slice { order: vec![1], ..slice(here, 1, 1) }).is_err());
    assert!(drive(&page(), Slice { expected: vec![], ..slice(here, 1, 1) }).is_err());
}
