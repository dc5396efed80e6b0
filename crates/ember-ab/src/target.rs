//! What is requested, and what is a right answer.
//!
//! The invariant: two answers have the same digest exactly if status, kind, redirect and steady body are the same; the
//! steady body is the body without its volatile parts, which lie between two texts (a form's token, a nonce).

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, LOCATION};
use hyper::{HeaderMap, Method, Request, StatusCode};
use memchr::memmem;
use rustc_hash::FxHasher;
use std::hash::Hasher;

use http_body_util::Full;

/// No body is read further than so many bytes.
pub const LARGEST: usize = 64 << 20;

/// A part of bodies that is different each time: what lies between `after` and `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volatile {
    /// The text before the part.
    pub after: Vec<u8>,
    /// The text behind the part.
    pub until: Vec<u8>,
}

/// One request, as it is sent each time, and what is right for an answer.
#[derive(Clone, Debug)]
pub struct Target {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    /// Which of the views it belongs to, by number; latencies are kept by view.
    pub view: usize,
    /// The status that is right.
    pub status: u16,
    /// What the body contains; nothing if empty.
    pub contains: Vec<u8>,
    /// Whether all answers must be the same.
    pub compare: bool,
    /// What is left out of the comparison.
    pub volatile: Vec<Volatile>,
}

/// Why an answer is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It has another status than the right one.
    Status(u16),
    /// A text is missing in it.
    Missing,
}

impl Target {
    /// A request with neither body nor rules but that it must be answered with 200, and alike each time; fails on what is no HTTP.
    pub fn new(method: &str, path: &str, headers: &[(String, String)], body: Vec<u8>) -> Result<Target, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let key = hyper::header::HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("no header can be called {name:?}"))?;
            map.append(key, value.parse().map_err(|_| format!("no header can have the value {value:?}"))?);
        }
        let target = Target {
            method: method.parse().map_err(|_| format!("there is no method {method:?}"))?,
            path: path.to_owned(),
            headers: map,
            body: body.into(),
            view: 0,
            status: 200,
            contains: Vec::new(),
            compare: true,
            volatile: Vec::new(),
        };
        if !path.starts_with('/') {
            return Err(format!("the path {path:?} does not begin with a slash"));
        }
        target.request("localhost").map_err(|error| format!("{method} {path}: {error}"))?;
        Ok(target)
    }

    /// The request for a server that is called `host`.
    pub(crate) fn request(&self, host: &str) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
            if !headers.contains_key(hyper::header::HOST)
                && let Ok(host) = host.parse()
            {
                headers.insert(hyper::header::HOST, host);
            }
        }
        request.body(Full::new(self.body.clone()))
    }

    /// Judge an answer by the rules for it; its digest.
    pub fn judge(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<u64, Wrong> {
        if status.as_u16() != self.status {
            return Err(Wrong::Status(status.as_u16()));
        }
        if memmem::find(body, &self.contains).is_none() {
            return Err(Wrong::Missing);
        }
        let mut hasher = FxHasher::default();
        for name in [CONTENT_TYPE, LOCATION] {
            hasher.write(headers.get(name).map_or(b"", |value| value.as_bytes()));
            hasher.write_u8(0);
        }
        for part in steady(body, &self.volatile) {
            hasher.write(part);
        }
        Ok(hasher.finish())
    }
}

/// The parts of `body` that are the same each time.
pub fn steady<'b>(body: &'b [u8], volatile: &[Volatile]) -> Vec<&'b [u8]> {
    let mut parts = vec![body];
    for kind in volatile.iter().filter(|kind| !kind.after.is_empty() && !kind.until.is_empty()) {
        parts = parts.into_iter().flat_map(|part| cut(part, kind)).collect();
    }
    parts
}

/// `part` without what is volatile of one kind.
fn cut<'b>(mut part: &'b [u8], kind: &Volatile) -> Vec<&'b [u8]> {
    let mut kept = Vec::new();
    while let Some(at) = memmem::find(part, &kind.after) {
        let begin = at + kind.after.len();
        let Some(length) = memmem::find(&part[begin..], &kind.until) else { break };
        kept.push(&part[..begin]);
        part = &part[begin + length..];
    }
    kept.push(part);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Vec<Volatile> {
        vec![Volatile { after: b"token=".to_vec(), until: b";".to_vec() }]
    }

    fn digest(target: &Target, status: u16, body: &[u8]) -> Result<u64, Wrong> {
        target.judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body)
    }

    #[test]
    fn volatile_parts_are_left_out() {
        let whole = |body: &[u8]| steady(body, &token()).concat();
        assert_eq!(whole(b"a token=123; b token=4; c"), b"a token=; b token=; c");
        assert_eq!(whole(b"token=123"), b"token=123");
        assert_eq!(whole(b"nothing"), b"nothing");
        let mut target = Target::new("GET", "/", &[], vec![]).unwrap();
        target.volatile = token();
        assert_eq!(digest(&target, 200, b"a token=1; b"), digest(&target, 200, b"a token=22; b"));
        assert_ne!(digest(&target, 200, b"a token=1; b"), digest(&target, 200, b"a token=1; c"));
    }

    #[test]
    fn rules_come_before_digests() {
        let mut target = Target::new("GET", "/", &[], vec![]).unwrap();
        target.contains = b"yes".to_vec();
        assert_eq!(digest(&target, 500, b"yes"), Err(Wrong::Status(500)));
        assert_eq!(digest(&target, 200, b"no"), Err(Wrong::Missing));
        assert!(digest(&target, 200, b"oh yes").is_ok());
    }

    #[test]
    fn redirects_are_compared() {
        let mut target = Target::new("GET", "/", &[], vec![]).unwrap();
        target.status = 302;
        let to = |place: &str| {
            let headers = HeaderMap::from_iter([(LOCATION, place.parse().unwrap())]);
            target.judge(StatusCode::FOUND, &headers, b"").unwrap()
        };
        assert_eq!(to("/a"), to("/a"));
        assert_ne!(to("/a"), to("/b"));
    }

    #[test]
    fn what_is_no_http_is_refused() {
        assert!(Target::new("GET", "no slash", &[], vec![]).is_err());
        assert!(Target::new("GET", "/a b", &[], vec![]).is_err());
        assert!(Target::new("G T", "/", &[], vec![]).is_err());
        assert!(Target::new("GET", "/", &[("a b".into(), "c".into())], vec![]).is_err());
        assert!(Target::new("GET", "/", &[("a".into(), "line\nline".into())], vec![]).is_err());
    }
}
