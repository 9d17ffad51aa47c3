//! What a local user does, in the native model.
//!
//! Publishing, editing and deleting need nothing from the network: they leave a job or their deliveries, so a
//! host can perform them inside the transaction that stores the post. Following and reacting may have to
//! fetch an actor that is not known yet.

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::{Job, Work};
use super::step::Done;
use super::task::Context;
use super::{outgoing, relation};
use crate::delivery::derived_id;
use crate::error::{Error, Result, invalid};
use crate::model::{Post, Profile};
use crate::privacy;
use crate::translate::post as wire;

/// An action as the host gives it.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    Publish { post: Value },
    Update { post: Value },
    Delete { post: Value },
    Follow { profile: String, actor: String },
    Unfollow { profile: String, actor: String },
    Accept { profile: String, actor: String },
    Reject { profile: String, actor: String },
    Like { profile: String, object: String },
    Unlike { profile: String, object: String },
    Share { profile: String, object: String },
    Unshare { profile: String, object: String },
    UpdateProfile { profile: Value },
    DeleteProfile { profile: Value },
}

impl Action {
    /// Reads an action.
    pub(crate) fn read(json: &[u8]) -> Result<Self> {
        serde_json::from_slice(json).map_err(|e| {
            let text = "expected {\"type\":\"publish\",\"post\":{…}} or another action the header lists";
            invalid("bad_action", format!("{text}: {}", crate::http::shape(&e)))
        })
    }
}

/// Performs an action.
pub(crate) async fn action(cx: Context, action: Action) -> Result<Done> {
    let mut done = Done::default();
    let d = &mut done;
    match action {
        Action::Publish { post } => plan(&cx, &post, false, d).await,
        Action::Update { post } => plan(&cx, &post, true, d).await,
        Action::Delete { post } => outgoing::delete(&cx, &post_of(&post)?, d).await,
        Action::Follow { profile, actor } => relation::follow(&cx, &profile, &actor, d).await,
        Action::Unfollow { profile, actor } => relation::unfollow(&cx, &profile, &actor, d).await,
        Action::Accept { profile, actor } => relation::answer(&cx, "accept", &profile, &actor, d).await,
        Action::Reject { profile, actor } => relation::answer(&cx, "reject", &profile, &actor, d).await,
        Action::Like { profile, object } => {
            outgoing::react(&cx, "like", &profile, &uri(&cx, object), d).await
        }
        Action::Unlike { profile, object } => {
            outgoing::take_back(&cx, "like", &profile, &uri(&cx, object), d).await
        }
        Action::Share { profile, object } => {
            outgoing::react(&cx, "announce", &profile, &uri(&cx, object), d).await
        }
        Action::Unshare { profile, object } => {
            outgoing::take_back(&cx, "announce", &profile, &uri(&cx, object), d).await
        }
        Action::UpdateProfile { profile } => outgoing::update_profile(&cx, &profile_of(&profile)?, d).await,
        Action::DeleteProfile { profile } => {
            outgoing::delete_profile(&cx, &profile_of(&profile)?, d);
            Ok(())
        }
    }?;
    Ok(done)
}

/// Leaves a job that publishes or edits a post. The post is rendered once now, so that what cannot be
/// published fails in front of its author.
async fn plan(cx: &Context, post: &Value, edit: bool, done: &mut Done) -> Result<()> {
    let post = post_of(post)?;
    let uri = cx.instance().post_uri(&post.id);
    let Some(value) = cx.load_one("profile", &post.author).await? else {
        return Err(no_profile());
    };
    let author = Profile::from_host(&value)?;
    if !privacy::profile_is_visible(&author) {
        done.result = Some(json!({"federated": false, "uri": uri, "why": NOT_FEDERATED}));
        return Ok(());
    }
    let note = wire::render(cx.instance(), &author, &post, &[])?;
    let due = post.not_before.unwrap_or(0).max(cx.now());
    // Each edit is a job of its own, also within the resolution of the host's clock.
    let version = if edit { derived_id(&[&note.to_string()]) } else { String::new() };
    let work = if edit { Work::Update { post: post.id } } else { Work::Publish { post: post.id } };
    done.jobs.push(Job::new(work, &version, due));
    done.result = Some(json!({"federated": true, "uri": uri}));
    Ok(())
}

fn post_of(value: &Value) -> Result<Post> {
    Post::from_host(value).map_err(|error| {
        let place = format!("/post{}", error.place());
        error.at(place)
    })
}

fn profile_of(value: &Value) -> Result<Profile> {
    Profile::from_host(value).map_err(|error| {
        let place = format!("/profile{}", error.place());
        error.at(place)
    })
}

/// A post as the host names it: a URI, or the key of one of its own.
fn uri(cx: &Context, object: String) -> String {
    if object.contains("://") { object } else { cx.instance().post_uri(&object) }
}

/// The local profile with this id, when it federates.
pub(crate) async fn acting(cx: &Context, id: &str) -> Result<Option<Profile>> {
    let value = cx.load_one("profile", id).await?.ok_or_else(no_profile)?;
    let profile = Profile::from_host(&value)?;
    Ok(privacy::profile_is_visible(&profile).then_some(profile))
}

/// The word for an action of a profile that does not federate.
pub(crate) const NOT_FEDERATED: &str = "profile_not_federated";

/// The result of an action that concerns nobody elsewhere. The host may tell of everything its users do.
pub(crate) fn stays_here(why: &str) -> Value {
    json!({"federated": false, "why": why})
}

fn no_profile() -> Error {
    invalid("no_profile", "the host's `profile` load knows no such profile").at("/profile")
}
