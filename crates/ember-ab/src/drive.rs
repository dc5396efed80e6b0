//! A run: so many connections send what an order says, as fast as they get answers or at a given pace.
//!
//! At a pace, each request has an instant at which it is due, and its latency counts from that instant, whether a connection was free then
//! or not. So a server that stalls is charged for everybody who had to wait meanwhile (no coordinated omission).

use crate::client::{Answer, Client, Failure};
use crate::outcome::Outcome;
use crate::target::{Target, Wrong};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until, timeout};

/// What is to be sent where, and within which bounds.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The server.
    pub address: SocketAddr,
    /// Whether an address that is not this machine's own is meant.
    pub remote: bool,
    /// Which targets, one after another.
    pub order: Vec<usize>,
    /// What the digests of answers must be; where there is none, that of the first answer.
    pub expected: Vec<Option<u64>>,
    /// Connections at a time.
    pub connections: usize,
    /// Requests a second; None sends the next as soon as a connection is free.
    pub rate: Option<f64>,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// After this no request is begun any more.
    pub longest: Duration,
    /// Whether to keep the first body of each target.
    pub keep_bodies: bool,
}

/// What the connections of a run share.
struct Run {
    targets: Vec<Target>,
    requests: Vec<Request<Full<Bytes>>>,
    slice: Slice,
    began: Instant,
    next: Cell<usize>,
    outcome: RefCell<Outcome>,
}

/// Send what `slice` says to a server and judge what it answers. It blocks until everything is answered or given up.
pub fn drive(targets: &[Target], slice: Slice) -> Result<Outcome, String> {
    if !slice.remote && !slice.address.ip().is_loopback() {
        return Err(format!("{} is not an address of this machine; say so if another machine is meant", slice.address));
    }
    if slice.connections == 0 || slice.rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        return Err("there must be a connection, and a pace must be more than nothing".to_owned());
    }
    if slice.expected.len() != targets.len() || slice.order.iter().any(|&index| index >= targets.len()) {
        return Err("the order names a target that there is not".to_owned());
    }
    let host = slice.address.to_string();
    let requests = targets.iter().map(|target| target.request(&host)).collect::<Result<_, _>>();
    let requests = requests.map_err(|error| error.to_string())?;
    let views = targets.iter().map(|target| target.view + 1).max().unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| format!("no event loop: {error}"))?;
    let cpu = thread_cpu();
    let connections = slice.connections.min(slice.order.len());
    let outcome = RefCell::new(Outcome::new(slice.expected.clone(), views));
    let outcome = runtime.block_on(async {
        let run = Rc::new(Run {
            targets: targets.to_vec(),
            requests,
            slice,
            began: Instant::now(),
            next: Cell::new(0),
            outcome,
        });
        let local = LocalSet::new();
        for _ in 0..connections {
            local.spawn_local(run.clone().serve());
        }
        local.await;
        run.outcome.borrow_mut().seconds = run.began.elapsed().as_secs_f64();
        Rc::into_inner(run).map(|run| run.outcome.into_inner())
    });
    // The connections were tasks of the set, and the set has ended.
    let mut outcome = outcome.ok_or("a connection outlived its run")?;
    outcome.own_cpu = thread_cpu() - cpu;
    Ok(outcome)
}

impl Run {
    /// One connection's work.
    async fn serve(self: Rc<Run>) {
        let mut client = Client::new(self.slice.address);
        while let Some((index, due)) = self.take() {
            if let Some(due) = due {
                sleep_until(due).await;
            }
            let began = due.unwrap_or_else(Instant::now);
            let answer = timeout(self.slice.timeout, client.exchange(self.requests[index].clone())).await;
            let took = began.elapsed();
            match answer {
                Ok(Ok(answer)) => self.judge(index, &answer, took),
                Ok(Err(failure)) => self.fail(index, &failure),
                // The client has lost its connection with the answer: the next one gets a fresh one.
                Err(_) => {
                    let seconds = self.slice.timeout.as_secs_f64();
                    self.outcome
                        .borrow_mut()
                        .problem("no answer in time".into(), index, || format!("none in {seconds} s").into());
                }
            }
        }
        self.outcome.borrow_mut().connections += client.connections;
    }

    /// The next request and when it is due; none if all are taken or the time is up.
    fn take(&self) -> Option<(usize, Option<Instant>)> {
        let position = self.next.get();
        let &index = self.slice.order.get(position)?;
        if self.began.elapsed() > self.slice.longest {
            return None;
        }
        self.next.set(position + 1);
        let mut outcome = self.outcome.borrow_mut();
        outcome.sent += 1;
        outcome.saturated = (self.began.elapsed().as_secs_f64(), outcome.answered);
        Some((index, self.slice.rate.map(|rate| self.began + Duration::from_secs_f64(position as f64 / rate))))
    }

    /// Count an answer, right or wrong.
    fn judge(&self, index: usize, answer: &Answer, took: Duration) {
        let target = &self.targets[index];
        let mut outcome = self.outcome.borrow_mut();
        outcome.answered += 1;
        outcome.bytes += answer.body.len() as u64;
        outcome.latency(target.view, took.as_micros() as u64);
        if self.slice.keep_bodies {
            outcome.bodies.entry(index).or_insert_with(|| answer.body.clone());
        }
        let example = || [format!("{}\n", answer.status).as_bytes(), &answer.body].concat();
        match target.judge(answer.status, &answer.headers, &answer.body) {
            Err(Wrong::Status(status)) => {
                outcome.problem(format!("status {status} instead of {}", target.status), index, example)
            }
            Err(Wrong::Missing) => outcome.problem("a text is missing".into(), index, example),
            Ok(digest) if target.compare => {
                if *outcome.digests[index].get_or_insert(digest) != digest {
                    outcome.problem("another body".into(), index, example);
                }
            }
            Ok(_) => {}
        }
    }

    /// Count a request without an answer.
    fn fail(&self, index: usize, failure: &Failure) {
        let (kind, what) = match failure {
            Failure::Connect(what) => ("no connection", what.as_str()),
            Failure::Broken(what) => ("connection broke", what.as_str()),
            Failure::TooLarge => ("body too large", ""),
        };
        self.outcome.borrow_mut().problem(kind.into(), index, || what.into());
    }
}

/// Seconds of processor time that this thread has taken.
fn thread_cpu() -> f64 {
    use std::fs;
    // The scheduler's own figure, in nanoseconds, is the first of the line.
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|figure| figure.parse::<f64>().ok()).map_or(0.0, |nanoseconds| nanoseconds / 1e9)
}
