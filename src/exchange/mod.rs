//! The exchange: one short unit of work that may need the host's help, and six ways to begin one.
//!
//! An exchange moves in numbered steps. Each asks the host for one thing (documents, one HTTP request, one
//! signature) and the host's answer leads to the next; the last is `done`, the only one with effects. An
//! exchange is never stored: one that is abandoned, killed or dropped has changed nothing.

mod event;
mod fetch;
mod handle;
mod inbox;
mod job;
mod look_up;
mod mentions;
mod outgoing;
mod page;
mod perform;
mod relation;
mod resolve;
mod resume;
mod route;
mod send;
mod serve;
mod step;
mod task;

use crate::delivery::Delivery;
use crate::error::{Code, Error, Result, invalid};
use crate::http::{Head, ResponseHead};
use crate::instance::{Instance, Local};
use crate::verdict::Verdict;
use route::Endpoint;
use step::{Answer, Ask, Done, NumberedDone, Response};
use task::{Budget, State, Task};

pub use route::{Route, route};

/// Begins to answer a request that [`route`] called ours. Every end is a response.
///
/// `now` is in seconds since the epoch; `body` is what was read, at most `max_body` bytes.
///
/// Errors: `primitives_only` when the instance was opened without `loads`.
pub fn receive(instance: &Instance, now: i64, head: Head, body: Vec<u8>) -> Result<Exchange> {
    ready(instance)?;
    let policy = instance.policy();
    let budget = Budget { fetches: policy.inbound_fetches, seconds: Some(policy.inbound_seconds) };
    let task = Task::start(instance, now, budget, |cx| async move {
        let Some(endpoint) = route::endpoint(cx.instance(), &head) else {
            return Ok(refuse(&Verdict::refused("not_found", 404, "there is nothing here")));
        };
        let inbox = matches!(endpoint, Endpoint::At(Local::Inbox(_) | Local::SharedInbox));
        match head.method.as_str() {
            "POST" if inbox => Ok(inbox::deliver(cx, head, body, endpoint).await),
            "GET" | "HEAD" if !inbox => Ok(match serve::document(cx, head, endpoint).await {
                Ok(done) => done,
                Err(error) => inbox::failed(&error),
            }),
            _ => {
                let mut done =
                    refuse(&Verdict::refused("wrong_method", 405, "this endpoint answers another method"));
                if let Some(response) = &mut done.response {
                    response.headers.push(("allow", if inbox { "POST" } else { "GET, HEAD" }.to_owned()));
                }
                Ok(done)
            }
        }
    });
    Ok(Exchange::new(task))
}

/// Begins what a local user does; `action` is JSON such as `{"type":"publish","post":{…}}`.
///
/// Errors: `bad_action`, `primitives_only`.
pub fn perform(instance: &Instance, now: i64, action: &[u8]) -> Result<Exchange> {
    ready(instance)?;
    let action = perform::Action::read(action)?;
    Ok(Exchange::new(Task::start(instance, now, at_leisure(instance), |cx| perform::action(cx, action))))
}

/// Begins to find what a person typed: a handle or a URL.
///
/// Errors: `primitives_only`; a text that is neither ends the exchange with `bad_query`.
pub fn look_up(instance: &Instance, now: i64, query: &str) -> Result<Exchange> {
    ready(instance)?;
    let query = query.to_owned();
    Ok(Exchange::new(Task::start(instance, now, at_leisure(instance), |cx| look_up::query(cx, query))))
}

/// Begins one run of a job that a `done` handed over.
///
/// Errors: `bad_job`, `too_new`, `primitives_only`.
pub fn resume(instance: &Instance, now: i64, job: &[u8]) -> Result<Exchange> {
    ready(instance)?;
    let job = job::Job::read(job)?;
    Ok(Exchange::new(Task::start(instance, now, at_leisure(instance), |cx| resume::run(cx, job))))
}

/// Begins one attempt of a delivery that a `done` handed over.
///
/// Errors: `bad_delivery`, `too_new`, `primitives_only`.
pub fn send(instance: &Instance, now: i64, delivery: &[u8]) -> Result<Exchange> {
    ready(instance)?;
    let delivery = Delivery::read(delivery)?;
    Ok(Exchange::new(Task::start(instance, now, at_leisure(instance), |cx| send::attempt(cx, delivery))))
}

fn ready(instance: &Instance) -> Result<()> {
    if instance.answers_loads() {
        return Ok(());
    }
    Err(invalid(
        "primitives_only",
        "this instance was opened without `loads`: an exchange could not ask for anything",
    ))
}

fn at_leisure(instance: &Instance) -> Budget {
    Budget { fetches: instance.policy().worker_fetches, seconds: None }
}

fn refuse(verdict: &Verdict) -> Done {
    let response: Response = inbox::refused(verdict);
    Done { response: Some(response), verdict: Some(verdict.clone()), ..Done::default() }
}

/// A running exchange; see the module's description for its life.
pub struct Exchange {
    task: Task,
    step: u32,
}

impl Exchange {
    fn new(task: Task) -> Self {
        Self { task, step: 1 }
    }

    /// The step the exchange is at: its JSON, and the bytes that travel beside it (the body of the request to
    /// make, or of the response to give).
    ///
    /// Errors: why the exchange ended without a `done`; nothing has happened then.
    pub fn step(&self) -> Result<(Vec<u8>, &[u8])> {
        let (json, body) = match self.task.state() {
            State::Asking(ask) => {
                let body: &[u8] = if let Ask::Fetch(fetch) = ask { fetch.body.bytes() } else { &[] };
                (serde_json::to_vec(&ask.to_json(self.step)), body)
            }
            State::Done(done) => (
                serde_json::to_vec(&NumberedDone { step: self.step, done }),
                done.response.as_ref().map_or(&[][..], |response| response.body.bytes()),
            ),
            State::Failed(error) => return Err(error.clone()),
        };
        let json = json.map_err(|_| {
            Error::new(Code::Internal, "unwritable_step", "the step cannot be written as JSON")
        })?;
        Ok((json, body))
    }

    /// True when the exchange is at its `done`.
    pub fn is_done(&self) -> bool {
        matches!(self.task.state(), State::Done(_))
    }

    /// Answers a `load`: an array with `{"value":…}`, `null` (known not to exist) or `{"error":"…","retryable":bool}`
    /// for each document asked for, in order.
    pub fn answer_load(&mut self, step: u32, now: i64, values: &[u8]) -> Result<()> {
        let values = match self.at(step, "load")? {
            Ask::Load(wants) => step::read_loaded(values, wants)?,
            _ => return Err(self.out_of_step("load")),
        };
        self.advance(now, Answer::Load(values));
        Ok(())
    }

    /// Answers a `fetch`: the head as `{"url","status","headers","address"}` and the body as read, at most
    /// `max_body` bytes.
    pub fn answer_fetch(&mut self, step: u32, now: i64, head: &[u8], body: &[u8]) -> Result<()> {
        self.at(step, "fetch")?;
        let head = ResponseHead::from_json(head)?;
        self.advance(now, Answer::Fetch(head, body.to_vec()));
        Ok(())
    }

    /// Answers a `sign` with the raw signature.
    pub fn answer_sign(&mut self, step: u32, now: i64, signature: &[u8]) -> Result<()> {
        self.at(step, "sign")?;
        if signature.is_empty() {
            return Err(invalid("no_signature", "expected the signature's bytes").at("signature"));
        }
        self.advance(now, Answer::Sign(signature.to_vec()));
        Ok(())
    }

    /// Answers any step with a failure. `reason` is for the operator; `retryable` says that it may pass by itself.
    pub fn answer_failed(&mut self, step: u32, now: i64, reason: &str, retryable: bool) -> Result<()> {
        let kind = match self.task.state() {
            State::Asking(ask) => ask.kind(),
            _ => "no",
        };
        self.at(step, kind)?;
        self.advance(now, Answer::Failed { reason: reason.chars().take(200).collect(), retryable });
        Ok(())
    }

    fn advance(&mut self, now: i64, answer: Answer) {
        self.step += 1;
        self.task.answer(now, answer);
    }

    /// The question of the current step, when it has this number and kind.
    fn at(&self, step: u32, kind: &'static str) -> Result<&Ask> {
        match self.task.state() {
            State::Asking(ask) if self.step == step && ask.kind() == kind => Ok(ask),
            _ => Err(self.out_of_step(kind)),
        }
    }

    fn out_of_step(&self, kind: &str) -> Error {
        let stands = match self.task.state() {
            State::Asking(ask) => ask.kind(),
            State::Done(_) => "done",
            State::Failed(_) => "failed",
        };
        let text = format!(
            "the exchange is at step {} ({stands}); this answers another step or a {kind}",
            self.step
        );
        Error::new(Code::OutOfStep, "out_of_step", text)
    }
}
