//! The engine under every exchange: a future that waits for the host instead of for a socket.
//!
//! The logic of an exchange is written as plain sequential `async` code. What it needs from outside it asks
//! of its [`Context`]; the question becomes the exchange's next step, the host's answer wakes the future.
//! There is no executor and no thread: each answer polls the future once. Dropping it abandons the exchange,
//! which has had no effect.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use serde_json::Value;

use super::step::{Answer, Ask, Done, FetchAsk, SignAsk, Want};
use crate::error::{Code, Error, Result};
use crate::http::ResponseHead;
use crate::instance::Instance;

/// What an exchange sees of the world: who we are, the time, and the host to ask.
#[derive(Clone)]
pub(crate) struct Context {
    instance: Instance,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    now: i64,
    started: i64,
    ask: Option<Ask>,
    answer: Option<Answer>,
    fetches: u32,
    max_fetches: u32,
    max_seconds: Option<i64>,
    bytes: usize,
}

/// The last second of the year 9999: a host's clock beyond it is taken for this.
const LAST: i64 = 253_402_300_799;

/// How much one exchange may do.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) fetches: u32,
    pub(crate) seconds: Option<i64>,
}

impl Context {
    fn new(instance: Instance, now: i64, budget: Budget) -> Self {
        let now = now.clamp(0, LAST);
        let shared = Shared {
            now,
            started: now,
            ask: None,
            answer: None,
            fetches: 0,
            max_fetches: budget.fetches,
            max_seconds: budget.seconds,
            bytes: 0,
        };
        Self { instance, shared: Arc::new(Mutex::new(shared)) }
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Seconds since the epoch, as of the last answer.
    pub(crate) fn now(&self) -> i64 {
        self.lock().now
    }

    /// Fetches made and bytes read so far.
    pub(crate) fn spent(&self) -> (u32, usize) {
        let shared = self.lock();
        (shared.fetches, shared.bytes)
    }

    /// Loads documents by name and key, in one step. `None` means known not to exist.
    pub(crate) async fn load(&self, wants: Vec<Want>) -> Result<Vec<Option<Value>>> {
        let expected = wants.len();
        let answer = self.ask(Ask::Load(wants)).await?;
        match answer {
            Answer::Load(values) if values.len() == expected => values.into_iter().collect(),
            _ => Err(mismatched()),
        }
    }

    /// Loads one document.
    pub(crate) async fn load_one(&self, name: &'static str, key: &str) -> Result<Option<Value>> {
        Ok(self.load(vec![Want::new(name, key)]).await?.pop().flatten())
    }

    /// Makes one HTTP request; the rules around it are `super::fetch`'s.
    pub(crate) async fn fetch(&self, ask: FetchAsk) -> Result<(ResponseHead, Vec<u8>)> {
        {
            let mut shared = self.lock();
            if shared.fetches >= shared.max_fetches {
                return Err(Error::new(
                    Code::Failed,
                    "fetch_budget_spent",
                    "this exchange has made all the fetches it may",
                )
                .retryable());
            }
            shared.fetches += 1;
        }
        match self.ask(Ask::Fetch(ask)).await? {
            Answer::Fetch(head, body) => {
                self.lock().bytes += body.len();
                Ok((head, body))
            }
            _ => Err(mismatched()),
        }
    }

    /// Has the host sign bytes with a local actor's key.
    pub(crate) async fn sign(&self, ask: SignAsk) -> Result<Vec<u8>> {
        match self.ask(Ask::Sign(ask)).await? {
            Answer::Sign(signature) => Ok(signature),
            _ => Err(mismatched()),
        }
    }

    async fn ask(&self, ask: Ask) -> Result<Answer> {
        self.lock().ask = Some(ask);
        let answer = poll_fn(|_| match self.lock().answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
        .await;
        if let Answer::Failed { reason, retryable } = answer {
            let error =
                Error::new(Code::Failed, "step_failed", format!("the host could not do this step: {reason}"));
            return Err(if retryable { error.retryable() } else { error });
        }
        let shared = self.lock();
        if shared.max_seconds.is_some_and(|max| shared.now - shared.started > max) {
            return Err(Error::new(
                Code::Failed,
                "out_of_time",
                "this exchange took longer than its policy allows",
            )
            .retryable());
        }
        drop(shared);
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mismatched() -> Error {
    Error::new(
        Code::OutOfStep,
        "wrong_answer",
        "the answer is of another kind, or has another length, than the step",
    )
}

/// Where a task stands.
pub(crate) enum State {
    Asking(Ask),
    Done(Box<Done>),
    Failed(Error),
}

/// A running exchange.
pub(crate) struct Task {
    context: Context,
    future: Option<Pin<Box<dyn Future<Output = Result<Done>> + Send>>>,
    state: State,
}

impl Task {
    /// Starts an exchange and runs it to its first step.
    pub(crate) fn start<F>(
        instance: &Instance,
        now: i64,
        budget: Budget,
        logic: impl FnOnce(Context) -> F,
    ) -> Self
    where
        F: Future<Output = Result<Done>> + Send + 'static,
    {
        let context = Context::new(instance.clone(), now, budget);
        let future = Box::pin(logic(context.clone()));
        let idle =
            State::Failed(Error::new(Code::Internal, "not_started", "the exchange has not been polled"));
        let mut task = Self { context, future: Some(future), state: idle };
        task.advance();
        task
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Hands over the answer to the current step and runs on to the next one.
    pub(crate) fn answer(&mut self, now: i64, answer: Answer) {
        {
            let mut shared = self.context.lock();
            shared.now = now.clamp(shared.started, LAST);
            shared.answer = Some(answer);
        }
        self.advance();
    }

    fn advance(&mut self) {
        let Some(future) = &mut self.future else { return };
        let mut waker = std::task::Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut waker) {
            Poll::Pending => {
                let ask = self.context.lock().ask.take();
                self.state = ask.map_or_else(
                    || {
                        State::Failed(Error::new(
                            Code::Internal,
                            "no_question",
                            "the exchange waits for nothing",
                        ))
                    },
                    State::Asking,
                );
            }
            Poll::Ready(result) => {
                self.future = None;
                let (fetches, bytes) = self.context.spent();
                self.state = match result {
                    Ok(done) => State::Done(Box::new(done.with_spent(fetches, bytes))),
                    Err(error) => State::Failed(error),
                };
            }
        }
    }
}
