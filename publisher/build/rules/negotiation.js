// Content negotiation for nginx (njs): the choices of publisher/formats.py and publisher/web/codings.py.
// It uses no syntax newer than njs 0.7. What runs before a function is called runs for each request.
import table from 'formats.js';

const QUALITY = /^-?[0-9]+(\.[0-9]+)?$/;
const KEY = /^([\w!#$%&'*+\-.^`|~]+)=/;
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+/;

// The items of a list field, whose commas in quoted strings separate nothing; none where a quote is not closed.
function splitList(value) {
    const items = [];
    let item = '', escaped = false, quoted = false;
    for (let i = 0; i < value.length; i++) {
        const char = value[i];
        if (escaped) {
            escaped = false;
        } else if (quoted) {
            escaped = char === '\\';
            quoted = char !== '"';
        } else if (char === ',') {
            items.push(item);
            item = '';
            continue;
        } else {
            quoted = char === '"';
        }
        item += char;
    }
    if (quoted) {
        return [];
    }
    items.push(item);
    return items.map(strip).filter(function (each) { return each !== ''; }).map(unquote);
}

function strip(text) {
    let start = 0, end = text.length;
    while (start < end && (text[start] === ' ' || text[start] === '\t')) {
        start++;
    }
    while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) {
        end--;
    }
    return start === 0 && end === text.length ? text : text.slice(start, end);
}

function unquote(text) {
    const whole = text.length >= 2 && text[0] === '"' && text[text.length - 1] === '"';
    return whole ? text.slice(1, -1).replace(/\\\\/g, '\\').replace(/\\"/g, '"') : text;
}

// The end of a quoted string that begins a text; 0 where it is not closed.
function findQuote(text) {
    let i = 1;
    while (i < text.length) {
        if (text[i] === '\\' && (text[i + 1] === '\\' || text[i + 1] === '"')) {
            i += 2;
        } else if (text[i] === '"') {
            return i + 1;
        } else {
            i++;
        }
    }
    return 0;
}

// The parameters of an item as [name, value].
function readParameters(rest) {
    const found = [];
    while (rest !== '') {
        const key = KEY.exec(rest);
        if (key) {
            rest = rest.slice(key[0].length);
            const token = TOKEN.exec(rest);
            if (token) {
                found.push([key[1].toLowerCase(), token[0]]);
            } else if (rest[0] === '"') {
                const end = findQuote(rest);
                if (!end) {
                    return found;
                }
                found.push([key[1].toLowerCase(), unquote(rest.slice(0, end))]);
                rest = rest.slice(end);
            }
        }
        const next = rest.indexOf(';');
        rest = next < 0 ? '' : rest.slice(next + 1).replace(/^[ \t]+/, '');
    }
    return found;
}

// A field as [value, quality, whether it has other parameters]; items whose quality is malformed are left out.
function readField(value) {
    return value.indexOf('"') < 0 ? readPlainField(value) : readQuotedField(value);
}

// The same for a field without quoted strings, as nearly all are, in a fraction of the time.
function readPlainField(value) {
    const found = [], items = value.split(',');
    for (let i = 0; i < items.length; i++) {
        const parts = items[i].split(';'), name = strip(parts[0]);
        let quality = '1', others = false;
        for (let j = 1; j < parts.length && name !== ''; j++) {
            const part = strip(parts[j]), key = KEY.exec(part);
            const token = key && TOKEN.exec(part.slice(key[0].length));
            if (token && (key[1] === 'q' || key[1] === 'Q')) {
                quality = token[0];
            } else if (token) {
                others = true;
            }
        }
        if ((name !== '' || parts.length > 1) && (quality === '1' || isQuality(quality))) {
            found.push([name, Number(quality), others]);
        }
    }
    return found;
}

function isQuality(text) {
    return QUALITY.test(text) && Number(text) >= 0 && Number(text) <= 1;
}

function readQuotedField(value) {
    const found = [];
    splitList(value).forEach(function (item) {
        const end = item.indexOf(';');
        const name = strip(end < 0 ? item : item.slice(0, end));
        const parameters = end < 0 || name === '' ? [] : readParameters(strip(item.slice(end + 1)));
        let quality = '1', others = false;
        parameters.forEach(function (pair) {
            if (pair[0] === 'q') {
                quality = strip(pair[1]);
            } else {
                others = true;
            }
        });
        if (isQuality(quality)) {
            found.push([name, Number(quality), others]);
        }
    });
    return found;
}

// The suffix of the best offer for a header Accept; empty where none is acceptable. types: as in `table.types`.
function negotiate(accept, types) {
    const refused = {}, highest = {}, ranges = readField(accept);
    for (let i = 0; i < ranges.length; i++) {
        const name = ranges[i][0].toLowerCase(), quality = ranges[i][1];
        if (quality <= 0) {
            refused[ranges[i][0]] = true;
        }
        if (highest[name] === undefined || quality > highest[name]) {
            highest[name] = quality;
        }
    }
    let best = '', quality = 0, specificity = -1;
    for (let i = 0; i < types.length; i++) {
        const type = types[i];
        let specific = 2, found = highest[type.name];
        if (found === undefined) {
            specific = 1;
            found = highest[type.group];
        }
        if (found === undefined) {
            specific = 0;
            found = highest['*/*'];
        }
        const better = found > quality || (found === quality && specific > specificity);
        if (found > 0 && better && !refused[type.answer]) {
            best = type.suffix;
            quality = found;
            specificity = specific;
        }
    }
    return best;
}

function isOpen(accept) {
    for (let i = 0; i < accept.length; i++) {
        if (' \t,*/'.indexOf(accept[i]) < 0) {
            return false;
        }
    }
    const bare = accept.replace(/^[ \t,]+/, '').replace(/[ \t,]+$/, '');
    return bare === '' || bare === '*/*';
}

// The suffix of the form for a header Accept (empty if missing), the parameter `format` and the header User-Agent.
function choose(kind, accept, wanted, agent) {
    if (!isOpen(accept)) {
        return negotiate(accept, table.types[kind]());
    }
    const offers = table.offers[kind]();
    if (wanted) {
        const name = wanted.toLowerCase();
        const named = offers.find(function (offer) { return offer.names.indexOf(name) >= 0; });
        return named ? named.suffix : table.defaults[kind];
    }
    const lower = agent.toLowerCase();
    const page = offers.find(function (offer) { return offer.suffix === 'html'; });
    const previews = page && table.previewers().some(function (name) { return lower.indexOf(name) >= 0; });
    return previews ? page.suffix : table.defaults[kind];
}

// The suffix of the form of an error, for which the parameter `format` has no meaning.
function chooseProblem(kind, accept) {
    return (isOpen(accept) ? table.defaults[kind] : negotiate(accept, table.types[kind]())) || 'json';
}

// The content coding for a header Accept-Encoding; empty for none.
function chooseCoding(header) {
    const accepted = {};
    readField(header).forEach(function (each) {
        const name = each[0].toLowerCase();
        if (!each[2]) {
            accepted[name] = Math.max(each[1], name in accepted ? accepted[name] : 0);
        }
    });
    let best = '', highest = [-1];
    table.codings.forEach(function (coding, place) {
        const named = [coding].concat(table.aliases[coding] || []).find(function (each) { return each in accepted; });
        const quality = named ? accepted[named] : accepted['*'] || 0;
        const rated = [quality, named ? 1 : 0, (place === 0) === Boolean(named) ? 1 : 0];
        if (isGreater(rated, highest)) {
            best = coding;
            highest = rated;
        }
    });
    return highest[0] > 0 && highest[0] >= (accepted.identity || 0) ? best : '';
}

function isGreater(one, other) {
    const place = one.findIndex(function (value, i) { return value !== other[i]; });
    return place >= 0 && (other[place] === undefined || one[place] > other[place]);
}

// All lines of a header field; `r.headersIn` has the first one only for some fields.
function header(r, name) {
    const lines = [], sent = r.rawHeadersIn;
    for (let i = 0; i < sent.length; i++) {
        if (sent[i][0].length === name.length && sent[i][0].toLowerCase() === name) {
            lines.push(sent[i][1]);
        }
    }
    return lines.length === 1 ? lines[0] : lines.join(', ');
}

function first(value) {
    return Array.isArray(value) ? value[0] : value || '';
}

function form(r) {
    const kind = r.variables.static_kind, accept = header(r, 'accept');
    const open = isOpen(accept);  // Only then it matters what else was sent.
    return choose(kind, accept, open ? first(r.args.format) : '', open ? header(r, 'user-agent') : '') || 'none';
}

function problemForm(r) {
    return chooseProblem('problem', header(r, 'accept'));
}

function goneForm(r) {
    return chooseProblem('gone', header(r, 'accept'));
}

function coding(r) {
    return chooseCoding(header(r, 'accept-encoding'));
}

export default {choose, chooseProblem, chooseCoding, form, problemForm, goneForm, coding};
