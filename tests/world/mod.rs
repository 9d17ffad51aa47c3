//! Hosts for tests: real instances with real keys whose network is a function call.
//!
//! Each host answers loads from plain maps, applies a `done` whole or not at all, and answers the requests of
//! the others through its own `route` and `receive`. Nothing of the library is replaced.
#![allow(dead_code)]

pub mod stranger;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fedigraft::exchange::{self, Exchange};
use fedigraft::http::Head;
use fedigraft::instance::{Instance, LOADS};
use fedigraft::key::PrivateKey;
use serde_json::{Value, json};

/// All hosts, and the time they share.
pub struct World {
    pub hosts: BTreeMap<String, Rc<RefCell<Host>>>,
    pub now: i64,
    /// Every request that travelled: method, URL, status.
    pub log: RefCell<Vec<(String, String, u16)>>,
    /// What hosts that are no instance of ours answer, by URL.
    pub elsewhere: RefCell<BTreeMap<String, Response>>,
    /// Every body that was sent: who sent it, to which URL, the bytes.
    pub sent: RefCell<Vec<(String, String, Vec<u8>)>>,
    /// The address every peer is said to have.
    pub address: RefCell<String>,
}

/// One host: what it stores, what it would show, what waits for its worker.
pub struct Host {
    pub instance: Instance,
    pub origin: String,
    pub profiles: BTreeMap<String, Value>,
    pub posts: BTreeMap<String, Value>,
    pub keys: BTreeMap<String, PrivateKey>,
    pub store: BTreeMap<(String, String), Value>,
    pub once: Vec<String>,
    pub jobs: BTreeMap<String, Value>,
    pub deliveries: BTreeMap<String, Value>,
    pub events: Vec<Value>,
    pub blocked: Vec<String>,
    pub page: usize,
    pub down: bool,
}

impl Host {
    pub fn new(origin: &str, extra: Value) -> Self {
        let mut config = json!({"origin": origin, "loads": LOADS, "name": "Test", "software": {"name": "test", "version": "1"}});
        config.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap_or_default());
        Self {
            instance: Instance::open(config.to_string().as_bytes()).unwrap(),
            origin: origin.to_owned(),
            profiles: BTreeMap::new(),
            posts: BTreeMap::new(),
            keys: BTreeMap::new(),
            store: BTreeMap::new(),
            once: Vec::new(),
            jobs: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            events: Vec::new(),
            blocked: Vec::new(),
            page: 2,
            down: false,
        }
    }

    pub fn person(&mut self, id: &str, name: &str) {
        self.profiles.insert(
            id.to_owned(),
            json!({"id": id, "username": name, "display_name": name, "federated": true, "kind": "person"}),
        );
    }

    pub fn key(&mut self, actor: &str) -> PrivateKey {
        let next = self.keys.len();
        self.keys.entry(actor.to_owned()).or_insert_with(|| pooled(&self.origin, next)).clone()
    }

    pub fn get(&self, name: &str, key: &str) -> Option<&Value> {
        self.store.get(&(name.to_owned(), key.to_owned()))
    }

    fn follows(&self, accept: impl Fn(&str, &str) -> bool) -> Vec<(String, String)> {
        self.store
            .iter()
            .filter(|((name, _), value)| name == "follow" && value["state"] == "accepted")
            .filter_map(|((_, key), _)| key.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
            .filter(|(a, b)| accept(a, b))
            .collect()
    }

    /// A page of `all` after `cursor`.
    fn paged(&self, mut all: Vec<String>, cursor: Option<&str>) -> Value {
        all.sort();
        all.dedup();
        let total = all.len();
        let rest: Vec<String> =
            all.into_iter().filter(|item| cursor.is_none_or(|c| item.as_str() > c)).collect();
        let items: Vec<String> = rest.iter().take(self.page).cloned().collect();
        let next = if rest.len() > items.len() { items.last().cloned() } else { None };
        json!({"items": items, "next": next, "total": total})
    }

    pub fn load(&mut self, want: &Value) -> Option<Value> {
        let (name, key) = (want["name"].as_str().unwrap(), want["key"].as_str().unwrap());
        let cursor = want["cursor"].as_str();
        match name {
            "profile" => match key.strip_prefix('@') {
                Some(user) => self.profiles.values().find(|p| p["username"] == user).cloned(),
                None => self.profiles.get(key).cloned(),
            },
            "post" => self.posts.get(key).cloned(),
            "posts" => {
                let items: Vec<&Value> = self.posts.values().filter(|p| p["author"] == key).collect();
                Some(json!({"items": items, "next": null, "total": items.len()}))
            }
            "key" => {
                let pem = self.key(key).public().to_pem();
                Some(json!({"key_id": format!("{key}#main-key"), "algorithm": "rsa", "public_key_pem": pem}))
            }
            "blocked" => self.blocked.iter().any(|b| b == key).then_some(Value::Bool(true)),
            "once" => self.once.iter().any(|o| o == key).then_some(Value::Bool(true)),
            "followers" => {
                Some(self.paged(self.follows(|_, b| b == key).into_iter().map(|(a, _)| a).collect(), cursor))
            }
            "following" => {
                Some(self.paged(self.follows(|a, _| a == key).into_iter().map(|(_, b)| b).collect(), cursor))
            }
            "local_followers" => {
                Some(self.paged(self.follows(|_, b| b == key).into_iter().map(|(a, _)| a).collect(), cursor))
            }
            "inboxes" => {
                let inboxes = self.follows(|_, b| b == key).into_iter().filter_map(|(a, _)| {
                    let actor = self.get("remote_actor", &a)?;
                    actor["shared_inbox"].as_str().or(actor["inbox"].as_str()).map(str::to_owned)
                });
                let inboxes = inboxes.collect();
                Some(self.paged(inboxes, cursor))
            }
            "remote_actor" if key.starts_with("acct:") => self
                .store
                .iter()
                .find(|((n, _), v)| {
                    n == name && v["handle"].as_str().is_some_and(|h| h[1..].eq_ignore_ascii_case(&key[5..]))
                })
                .map(|(_, v)| v.clone()),
            _ => self.get(name, key).cloned(),
        }
    }

    /// Commits a `done`: all of it, or nothing when a `once` key is there already.
    pub fn apply(&mut self, done: &Value) -> bool {
        let list = |name: &str| done[name].as_array().cloned().unwrap_or_default();
        if list("once").iter().any(|key| self.once.iter().any(|o| key == o)) {
            return false;
        }
        self.once.extend(list("once").iter().map(|k| k.as_str().unwrap().to_owned()));
        for entry in list("store") {
            let name = entry["name"].as_str().unwrap().to_owned();
            let key = (name.clone(), entry["key"].as_str().unwrap().to_owned());
            match entry["op"].as_str().unwrap() {
                "put" => {
                    self.store.insert(key, entry["value"].clone());
                }
                "put_if_newer" => {
                    let newer = self
                        .store
                        .get(&key)
                        .is_none_or(|old| old["updated"].as_i64() < entry["version"].as_i64());
                    if newer {
                        self.store.insert(key, entry["value"].clone());
                    }
                }
                "remove" if name == "inboxes" => {
                    let inbox = &key.1;
                    let gone: Vec<String> = self
                        .store
                        .iter()
                        .filter(|((n, _), v)| {
                            n == "remote_actor" && (v["shared_inbox"] == **inbox || v["inbox"] == **inbox)
                        })
                        .map(|((_, k), _)| k.clone())
                        .collect();
                    self.store.retain(|(n, k), _| {
                        n != "follow" || !gone.iter().any(|g| k.starts_with(&format!("{g} ")))
                    });
                }
                "remove" => {
                    self.store.remove(&key);
                    if name == "remote_actor" {
                        let actor = key.1;
                        self.store
                            .retain(|(n, k), _| n != "follow" || !k.split(' ').any(|part| part == actor));
                    }
                }
                other => panic!("unknown op {other}"),
            }
        }
        self.events.extend(list("events"));
        for job in list("jobs") {
            self.jobs.insert(job["id"].as_str().unwrap().to_owned(), job);
        }
        for delivery in list("deliveries") {
            self.deliveries.entry(delivery["id"].as_str().unwrap().to_owned()).or_insert(delivery);
        }
        true
    }

    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }
}

/// Keys are slow to make: hosts of one origin share them between tests.
fn pooled(origin: &str, index: usize) -> PrivateKey {
    static POOL: Mutex<BTreeMap<(String, usize), PrivateKey>> = Mutex::new(BTreeMap::new());
    let mut pool = POOL.lock().unwrap();
    pool.entry((origin.to_owned(), index)).or_insert_with(|| PrivateKey::generate().unwrap()).clone()
}

/// An HTTP response as it travels.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl World {
    pub fn new(origins: &[&str]) -> Self {
        let hosts = origins.iter().map(|o| ((*o).to_owned(), Rc::new(RefCell::new(Host::new(o, json!({}))))));
        Self {
            hosts: hosts.collect(),
            now: 1_800_000_000,
            log: RefCell::new(Vec::new()),
            elsewhere: RefCell::default(),
            sent: RefCell::default(),
            address: RefCell::new("1.1.1.1".into()),
        }
    }

    pub fn host(&self, origin: &str) -> Rc<RefCell<Host>> {
        Rc::clone(&self.hosts[origin])
    }

    /// Drives an exchange of `origin` to its `done`, which is not applied yet.
    pub fn drive(&self, origin: &str, exchange: &mut Exchange) -> Result<(Value, Vec<u8>), fedigraft::Error> {
        loop {
            if let Some(done) = self.advance(origin, exchange)? {
                return Ok(done);
            }
        }
    }

    /// Answers the step an exchange is at; returns its `done` when that is where it stands.
    pub fn advance(
        &self,
        origin: &str,
        exchange: &mut Exchange,
    ) -> Result<Option<(Value, Vec<u8>)>, fedigraft::Error> {
        {
            let (json, body) = exchange.step()?;
            let step: Value = serde_json::from_slice(&json).unwrap();
            let number = u32::try_from(step["step"].as_u64().unwrap()).unwrap();
            if let Some(done) = step.get("done") {
                return Ok(Some((done.clone(), body.to_vec())));
            } else if let Some(wants) = step.get("load") {
                let host = self.host(origin);
                let values: Vec<Value> = wants
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|want| {
                        host.borrow_mut().load(want).map_or(Value::Null, |value| json!({"value": value}))
                    })
                    .collect();
                exchange.answer_load(number, self.now, Value::from(values).to_string().as_bytes())?;
            } else if let Some(sign) = step.get("sign") {
                let bytes = STANDARD.decode(sign["bytes"].as_str().unwrap()).unwrap();
                let key = self.host(origin).borrow_mut().key(sign["actor"].as_str().unwrap());
                exchange.answer_sign(number, self.now, &key.sign(&bytes).unwrap())?;
            } else {
                let fetch = step["fetch"].clone();
                let body = body.to_vec();
                if !body.is_empty() {
                    let url = fetch["url"].as_str().unwrap().to_owned();
                    self.sent.borrow_mut().push((origin.to_owned(), url, body.clone()));
                }
                match self.request(&fetch, &body) {
                    Some(response) => {
                        let head = json!({"url": fetch["url"], "status": response.status, "headers": response.headers, "address": *self.address.borrow()});
                        exchange.answer_fetch(
                            number,
                            self.now,
                            head.to_string().as_bytes(),
                            &response.body,
                        )?;
                    }
                    None => exchange.answer_failed(number, self.now, "connection refused", true)?,
                }
            }
        }
        Ok(None)
    }

    /// Carries a request to the host of its URL.
    pub fn request(&self, fetch: &Value, body: &[u8]) -> Option<Response> {
        let url = fetch["url"].as_str().unwrap();
        let (origin, target) = match url[8..].find('/') {
            Some(at) => (&url[..at + 8], &url[at + 8..]),
            None => (url, "/"),
        };
        let known = self.elsewhere.borrow().get(url).cloned();
        if let Some(response) = known {
            self.log.borrow_mut().push((
                fetch["method"].as_str().unwrap().to_owned(),
                url.to_owned(),
                response.status,
            ));
            return Some(response);
        }
        let host = self.hosts.get(origin)?;
        if host.borrow().down {
            return None;
        }
        let head = json!({"method": fetch["method"], "target": target, "headers": fetch["headers"]});
        let response = self.answer(origin, &head, body);
        self.log.borrow_mut().push((
            fetch["method"].as_str().unwrap().to_owned(),
            url.to_owned(),
            response.status,
        ));
        Some(response)
    }

    /// The answer of a host to a request, committed.
    pub fn answer(&self, origin: &str, head: &Value, body: &[u8]) -> Response {
        let head = Head::from_json(head.to_string().as_bytes()).unwrap();
        let instance = self.host(origin).borrow().instance.clone();
        if !exchange::route(&instance, &head).ours {
            return Response { status: 404, headers: vec![], body: b"a page of the host".to_vec() };
        }
        let mut exchange = exchange::receive(&instance, self.now, head, body.to_vec()).unwrap();
        let (done, body) = self.drive(origin, &mut exchange).unwrap();
        self.host(origin).borrow_mut().apply(&done);
        let headers = done["response"]["headers"].as_array().unwrap();
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        Response {
            status: u16::try_from(done["response"]["status"].as_u64().unwrap()).unwrap(),
            headers: headers.iter().map(|h| (text(&h[0]), text(&h[1]))).collect(),
            body,
        }
    }

    pub fn get(&self, url: &str) -> Response {
        let fetch =
            json!({"method": "GET", "url": url, "headers": [["Accept", "application/activity+json"]]});
        self.request(&fetch, b"").unwrap()
    }

    pub fn perform(&self, origin: &str, action: &Value) -> Result<Value, fedigraft::Error> {
        let instance = self.host(origin).borrow().instance.clone();
        let mut exchange = exchange::perform(&instance, self.now, action.to_string().as_bytes())?;
        let (done, _) = self.drive(origin, &mut exchange)?;
        self.host(origin).borrow_mut().apply(&done);
        Ok(done)
    }

    pub fn look_up(&self, origin: &str, query: &str) -> Result<Value, fedigraft::Error> {
        let instance = self.host(origin).borrow().instance.clone();
        let mut exchange = exchange::look_up(&instance, self.now, query)?;
        let (done, _) = self.drive(origin, &mut exchange)?;
        self.host(origin).borrow_mut().apply(&done);
        Ok(done["result"].clone())
    }

    /// Runs every due job and delivery of every host until nothing is due; returns what each came to.
    pub fn work(&self) -> Vec<Value> {
        let mut results = Vec::new();
        for _ in 0..200 {
            let mut idle = true;
            for origin in self.hosts.keys() {
                for (kind, row) in self.due(origin) {
                    idle = false;
                    results.push(self.run(origin, kind, &row));
                }
            }
            if idle {
                break;
            }
        }
        results
    }

    pub fn due(&self, origin: &str) -> Vec<(&'static str, Value)> {
        let host = self.host(origin);
        let host = host.borrow();
        let due = |row: &&Value| row["not_before"].as_i64().unwrap() <= self.now;
        let jobs = host.jobs.values().filter(due).map(|row| ("job", row.clone()));
        let deliveries = host.deliveries.values().filter(due).map(|row| ("delivery", row.clone()));
        jobs.chain(deliveries).collect()
    }

    /// Begins the exchange of a queue row.
    pub fn begin(&self, origin: &str, kind: &str, row: &Value) -> Exchange {
        let instance = self.host(origin).borrow().instance.clone();
        let json = row.to_string();
        if kind == "job" {
            exchange::resume(&instance, self.now, json.as_bytes()).unwrap()
        } else {
            exchange::send(&instance, self.now, json.as_bytes()).unwrap()
        }
    }

    /// Commits what a queue row came to, unless another worker did.
    pub fn commit(&self, origin: &str, kind: &str, row: &Value, done: &Value) {
        let host = self.host(origin);
        let mut host = host.borrow_mut();
        let rows = if kind == "job" { &mut host.jobs } else { &mut host.deliveries };
        if rows.remove(row["id"].as_str().unwrap()).is_some() {
            host.apply(done);
        }
    }

    pub fn run(&self, origin: &str, kind: &str, row: &Value) -> Value {
        let (done, _) = self.drive(origin, &mut self.begin(origin, kind, row)).unwrap();
        self.commit(origin, kind, row, &done);
        done["result"].clone()
    }
}
