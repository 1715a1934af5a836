-- Prints what wrk measured as one line of JSON.

function done(summary, _, _)
  io.write(string.format(
    '\n{"seconds": %f, "requests": %d, "errors": %d, "bytes": %d}\n',
    summary.duration / 1e6, summary.requests,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.bytes))
end
