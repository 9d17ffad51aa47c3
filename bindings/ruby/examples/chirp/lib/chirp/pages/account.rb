# frozen_string_literal: true

module Chirp
  # Signing up, logging in and out, and one's own settings.
  class App
    # The form to join.
    get "/signup" do
      found(site.sign_up)
      erb :signup, locals: { written: {}, problem: nil }
    end

    # Join, and be logged in.
    post "/signup" do
      found(site.sign_up)
      person = db.transaction do
        People.sign_up(db, field("name"), field("password"), display_name: field("display_name"),
                                                             federated: site.federated && ticked?("federated"))
      end
      log_in(person)
      flash "Welcome to #{site.name}, #{person.shown_name}!"
      redirect "/"
    rescue Refused => e
      status e.status
      erb :signup, locals: { written: params, problem: e.message }
    end

    # The form to log in.
    get("/login") { erb :login, locals: { written: params, problem: nil } }

    # Log in.
    post "/login" do
      person = check_password(field("name"), field("password"))
      unless person
        status 401
        return erb :login, locals: { written: params, problem: "That name and password do not match." }
      end

      log_in(person)
      redirect local_path(field("next"))
    end

    # Log out.
    post "/logout" do
      log_out
      redirect "/local"
    end

    # The form for one's own profile.
    get("/settings", auth: true) { show_settings }

    # Change one's own profile.
    post "/settings", auth: true do
      picture = MediaFolder.read(params["avatar"])
      db.transaction do
        People.edit(
          db, viewer, display_name: field("display_name"), bio: field("bio").gsub("\r\n", "\n"), fields: fields_sent,
                      avatar: new_avatar(picture), locked: ticked?("locked"), discoverable: ticked?("discoverable"),
                      federated: site.federated ? ticked?("federated") : viewer.federated
        )
      end
      flash "Your profile is saved."
      redirect viewer.path
    rescue Pictures::NotAPicture => e
      show_settings(e)
    end

    # A new password. It ends the sessions on other devices.
    post "/settings/password", auth: true do
      raise Refused, "The old password is not right." unless check_password(viewer.name, field("old"))

      db.transaction { People.set_password(db, viewer, field("new")) }
      log_in(viewer)
      flash "Your password is changed."
      redirect "/settings"
    rescue Refused => e
      show_settings(e)
    end

    helpers do
      private

      def show_settings(problem = nil)
        status problem.status if problem
        erb :settings, locals: { person: viewer, problem: problem&.message }
      end

      def fields_sent
        Array.new(People::MAX_FIELDS) { |n| Field.new(field("field_name_#{n}"), field("field_value_#{n}")) }
      end

      # The url of the avatar from now on; the one before is discarded if it changes.
      def new_avatar(picture)
        return viewer.avatar unless picture || ticked?("remove_avatar")

        MediaFolder.discard(db, viewer.avatar)
        picture && MediaFolder.save(db, picture).url
      end
    end
  end
end
