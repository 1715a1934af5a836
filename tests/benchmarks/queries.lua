-- Requests for wrk: one small query after another, each with another number in it, or the same few again and again.
-- Arguments: the path of the endpoint, `distinct` or `repeated`, where to begin counting, and a file of IRIs.

local path, kind, number, iris = nil, nil, 0, {}
local REPEATED = 20

local function escape(text)
  return (text:gsub("[^%w]", function(c) return string.format("%%%02X", c:byte()) end))
end

function init(args)
  path, kind, number = args[1], args[2], tonumber(args[3])
  for line in io.lines(args[4]) do iris[#iris + 1] = line end
  wrk.headers["Accept"] = "application/sparql-results+json"
end

function request()
  number = number + 1
  local n = kind == "repeated" and number % REPEATED or number
  local query = string.format(
    "SELECT ?label ?agenda ?site WHERE { <%s> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label ; "
      .. "<https://w3id.org/ma-coalitions/ontology#advances> ?agenda . "
      .. "OPTIONAL { <%s> <http://xmlns.com/foaf/0.1/homepage> ?site } FILTER(STRLEN(STR(?label)) != %d) }",
    iris[n % #iris + 1], iris[n % #iris + 1], n + 1000)
  return wrk.format("GET", path .. "?query=" .. escape(query))
end

function done(summary, latency, _)
  io.write(string.format(
    '\n{"seconds": %f, "requests": %d, "errors": %d, "p50": %f, "p99": %f, "bytes": %d}\n',
    summary.duration / 1e6, summary.requests,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes))
end
