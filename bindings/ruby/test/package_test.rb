# frozen_string_literal: true

# The gem as it is packed, the library as it is found, and that everything lies in it.
require_relative "helper"
require "rubygems/package"

class PackageTest < FedigraftTest
  LIBRARY = File.realpath(Fedigraft::Native.find)

  # Loads the gem in a process of its own; gives what it prints.
  def loaded(environment, program = "puts Fedigraft.library_version", lib: "#{GEM}/lib")
    out, status = Open3.capture2e({ "FEDIGRAFT_LIBRARY" => nil, **environment }, RbConfig.ruby, "-I#{lib}", "-e",
                                  "begin; require 'fedigraft'; #{program}; rescue => e; puts e.reason, e.message; end")
    assert status.success?, out
    out
  end

  def copied
    FileUtils.cp_r(File.join(GEM, "."), File.join(@folder, "gem"))
    FileUtils.rm_f(File.join(@folder, "gem", "lib", "fedigraft", "libfedigraft.so"))
    File.join(@folder, "gem")
  end

  def test_the_gem_has_the_library_and_all_that_it_requires
    place = copied
    FileUtils.cp(LIBRARY, File.join(place, "lib", "fedigraft", "libfedigraft.so"))
    out, status = Open3.capture2e("gem", "build", "--strict", "-o", "../fedigraft.gem", "fedigraft.gemspec", chdir: place)
    assert status.success?, out
    spec = Gem::Package.new(File.join(@folder, "fedigraft.gem")).spec
    assert_equal Gem::Platform.local.to_s, spec.platform.to_s
    assert_equal ["ffi"], spec.runtime_dependencies.map(&:name)
    written = Dir.chdir(File.join(GEM, "lib")) { Dir["**/*.{rb,sql}"].map { |file| "lib/#{file}" } }
    expected = [*written, "lib/fedigraft/libfedigraft.so", "exe/fedigraft", "LICENSE-MIT", "LICENSE-APACHE", "README.md"]
    assert_empty expected - spec.files
    assert_equal "#{Fedigraft.library_version}\n", loaded({}, lib: File.join(place, "lib"))
  end

  def test_a_missing_library_is_told_with_the_remedy
    out = loaded({}, lib: File.join(copied, "lib"))
    assert_match(/\Alibrary_missing\n.*FEDIGRAFT_LIBRARY/, out)
  end

  def test_another_library_is_refused
    other = Dir["/usr/lib/*-linux-gnu/libffi.so*"].first or skip "no other library to try"
    assert_match(/\Alibrary_unusable\n/, loaded({ "FEDIGRAFT_LIBRARY" => other }))
  end

  def test_another_abi_is_refused
    source = File.join(@folder, "other.c")
    other = File.join(@folder, "libother.so")
    File.write(source, "unsigned fedigraft_abi_version(void) { return 77; }")
    skip "no compiler" unless system("cc", "-shared", "-o", other, source)
    assert_match(/\Aabi_mismatch\n.*77/, loaded({ "FEDIGRAFT_LIBRARY" => other }))
  end

  def test_the_version_is_that_of_the_library
    assert_equal Fedigraft.library_version, Fedigraft::VERSION
  end

  # One by one: each file says itself what it needs.
  def test_every_file_can_be_required_alone
    files = Dir.chdir(File.join(GEM, "lib")) { Dir["fedigraft/*.rb"] } - ["fedigraft/railtie.rb"]
    failing = files.reject do |file|
      system({ "FEDIGRAFT_LIBRARY" => LIBRARY }, RbConfig.ruby, "-I#{GEM}/lib", "-e", "require '#{file}'")
    end
    assert_empty failing
  end

  def test_every_function_of_the_header_is_declared
    code = File.readlines(File.join(ROOT, "include", "fedigraft.h"), encoding: "UTF-8").grep_v(%r{^\s*//}).join
    declared = code.scan(/\b(fedigraft_\w+)\(/).flatten.uniq
    assert_equal declared.sort, Fedigraft::Native::FUNCTIONS.map { |name,| name.to_s }.sort
  end
end
