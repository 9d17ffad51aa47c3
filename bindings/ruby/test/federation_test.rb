# frozen_string_literal: true

# Two hosts federate over real sockets: each activity, both ways, through the middleware and the worker.
require_relative "helper"

class FederationTest < FedigraftTest
  def two
    [served("ann"), served("bob")]
  end

  def test_a_look_up_finds_a_person_by_handle_and_by_url
    ann, bob = two
    found = bob.fed.look_up(ann.handle)
    assert_equal [ann.actor, "ann", ann.handle], [found.uri, found.profile.username, found.profile.handle]
    assert_equal ann.actor, bob.fed.look_up(ann.actor).uri
    assert_nil bob.fed.look_up("@nobody@127.0.0.1:#{ann.port}")
    assert_equal "1", bob.fed.look_up(bob.handle).local
  end

  def test_a_follow_is_accepted_on_both_sides
    ann, bob = two
    assert_equal "pending", bob.fed.follow("1", ann.actor)[:state]
    settle(ann, bob)
    assert_equal ["followed"], ann.told
    assert_equal ["follow_accepted"], bob.told
    assert_includes ann.detail("followed"), bob.actor
    assert_equal [[bob.actor, ann.actor, "accepted"]], ann.rows("SELECT follower, followee, state FROM fedigraft_follows")
  end

  def test_a_locked_profile_is_asked_first
    ann, bob = two
    ann.rows("UPDATE people SET locked = 1")
    befriend(ann, bob)
    assert_equal [["follow_requested"], []], [ann.told, bob.told]
    ann.fed.accept("1", bob.actor)
    settle(ann, bob)
    assert_equal ["follow_accepted"], bob.told
    ann.fed.reject("1", bob.actor)
    settle(ann, bob)
    assert_equal %w[follow_accepted follow_rejected], bob.told
    assert_equal 0, ann.count("fedigraft_follows")
  end

  def test_posts_edits_and_deletes_arrive
    ann, bob = two
    befriend(ann, bob)
    post = ann.write("Hello <world> #fedi")
    settle(ann, bob)
    assert_equal %w[follow_accepted post_created], bob.told
    assert_includes bob.detail("post_created"), "Hello &lt;world&gt;"
    ann.transaction do |db|
      db.execute("UPDATE posts SET text = 'Better', updated = ?", [(Time.now + 2).utc.iso8601])
      ann.fed.update(post.id, connection: db)
    end
    settle(ann, bob)
    assert_equal "post_updated", bob.told.last
    assert_includes bob.detail("post_updated"), "Better"
    ann.transaction do |db|
      ann.fed.delete(post.id, connection: db)
      db.execute("DELETE FROM posts")
    end
    settle(ann, bob)
    assert_equal "post_deleted", bob.told.last
  end

  def test_a_reply_a_like_and_a_share_come_back
    ann, bob = two
    befriend(ann, bob)
    post = ann.write("What do you think?")
    settle(ann, bob)
    uri = ann.fed.instance.uri("post", post.id)
    bob.write("Good", reply_to: uri)
    bob.fed.like("1", uri)
    bob.fed.share("1", uri)
    settle(ann, bob)
    assert_equal %w[followed liked post_created shared], ann.told.sort
    assert_includes ann.detail("post_created"), "reply_to=\"#{post.id}\""
    assert_includes ann.detail("post_created"), "mentioned=[\"1\"]"
    bob.fed.unlike("1", uri)
    bob.fed.unshare("1", uri)
    bob.fed.unfollow("1", ann.actor)
    settle(ann, bob)
    assert_equal %w[unfollowed unliked unshared], ann.told[4..].sort
  end

  def test_a_remote_share_brings_the_post
    ann, bob = two
    carl = served("carl")
    befriend(bob, carl)
    post = ann.write("Worth sharing")
    settle(ann)
    bob.fed.share("1", ann.fed.instance.uri("post", post.id))
    settle(ann, bob, carl)
    assert_equal %w[follow_accepted shared], carl.told
    assert_includes carl.detail("shared"), "Worth sharing"
  end

  def test_profile_changes_and_the_end_of_a_profile
    ann, bob = two
    befriend(ann, bob)
    db = ann.connect
    profile = ann.load_profile(db, "1")
    db.close
    ann.fed.update_profile(profile.with(display_name: "Ann of the hill"))
    settle(ann, bob)
    assert_includes bob.detail("profile_updated"), "Ann of the hill"
    ann.fed.delete_profile(profile)
    settle(ann, bob)
    assert_equal "profile_deleted", bob.told.last
  end

  def test_what_is_not_public_reaches_only_whom_it_names
    ann, bob = two
    carl = served("carl")
    befriend(ann, bob)
    befriend(ann, carl)
    ann.write("For you alone", visibility: "direct", mention: carl.actor)
    settle(ann, bob, carl)
    assert_equal %w[follow_accepted post_created], carl.told
    assert_equal %w[follow_accepted], bob.told
  end

  def test_a_post_is_named_by_the_hosts_key_inside_its_transaction
    ann, bob = two
    befriend(ann, bob)
    ann.transaction do |db|
      post = ann.insert(db, "By its key")
      assert ann.fed.publish(post.id.to_i, connection: db)[:federated]
      assert_equal "not_found", refused(Fedigraft::InvalidArgument) { ann.fed.publish(999, connection: db) }.reason
    end
    ann.fed.update_profile(1)
    settle(ann, bob)
    assert_equal %w[follow_accepted post_created profile_updated], bob.told.sort
  end

  def test_one_handler_for_several_events
    ann, bob = two
    seen = []
    ann.fed.on(:followed, "unfollowed") { |_db, event| seen << event.type }
    befriend(ann, bob)
    bob.fed.unfollow("1", ann.actor)
    settle(ann, bob)
    assert_equal %i[followed unfollowed], seen
  end

  def test_a_rollback_leaves_no_trace
    ann, bob = two
    befriend(ann, bob)
    db = ann.connect
    db.transaction
    ann.fed.publish(ann.insert(db, "Never mind"), connection: db)
    assert db.transaction_active?
    db.rollback
    db.close
    settle(ann, bob)
    assert_equal ["follow_accepted"], bob.told
    assert_equal 0, ann.count("fedigraft_jobs")
  end

  def test_a_follow_needs_a_look_up_before_the_transaction
    ann, bob = two
    bob.transaction do |db|
      error = refused(Fedigraft::Refused) { bob.fed.follow("1", ann.actor, connection: db) }
      assert_equal "fetch_in_transaction", error.reason
    end
    bob.fed.look_up(ann.handle)
    bob.transaction { |db| assert_equal "pending", bob.fed.follow("1", ann.actor, connection: db)[:state] }
    settle(ann, bob)
    assert_equal ["follow_accepted"], bob.told
  end

  def test_a_connection_without_a_transaction_is_refused
    ann = village("ann")
    db = closing(ann.connect)
    error = refused(Fedigraft::InvalidArgument) { ann.fed.publish(1, connection: db) }
    assert_equal "no_transaction", error.reason
    error = refused(Fedigraft::InvalidArgument) { ann.fed.publish(1, connection: Object.new) }
    assert_equal "bad_database", error.reason
  end

  def test_workers_on_threads_do_it_by_themselves
    ann, bob = two
    ann.fed.worker(poll: 0.1) do
      bob.fed.worker(poll: 0.1) do
        bob.fed.follow("1", ann.actor)
        eventually { bob.told == ["follow_accepted"] }
        ann.write("By itself")
        eventually { bob.told == %w[follow_accepted post_created] }
      end
    end
  end
end
