# frozen_string_literal: true

require "rbconfig"

# Puma in a process of its own, serving a village: single, or a cluster whose workers fork from a loaded process.
class PumaProcess
  attr_reader :pid

  def initialize(village, workers: 0, threads: 5, application: File.join(__dir__, "village.ru"))
    command = ["puma", "-b", "tcp://127.0.0.1:#{village.port}", "-t", "1:#{threads}", "-w", workers.to_s]
    command << "--preload" if workers.positive?
    environment = { "VILLAGE_FOLDER" => File.dirname(village.path), "VILLAGE_PORT" => village.port.to_s }
    @out = "#{village.path}.log"
    @pid = Process.spawn(environment, *command, application, out: @out, err: @out)
    wait(village.port)
  end

  # Bytes of memory that are in use: of the process, and of its workers.
  def resident
    [@pid, *children].sum { |pid| File.read("/proc/#{pid}/status")[/VmRSS:\s+(\d+)/, 1].to_i * 1024 }
  end

  def children
    File.read("/proc/#{@pid}/task/#{@pid}/children").split.map(&:to_i)
  end

  def log
    File.read(@out)
  end

  def close
    Process.kill("TERM", @pid)
    Process.wait(@pid)
  rescue Errno::ESRCH, Errno::ECHILD
    nil
  end

  private

  def wait(port)
    200.times do
      raise "the server ended: #{log}" if Process.wait(@pid, Process::WNOHANG)

      return TCPSocket.new("127.0.0.1", port).close
    rescue Errno::ECONNREFUSED
      sleep 0.1
    end
    raise "the server does not listen: #{log}"
  end
end
