// Content negotiation for nginx (njs): the choices of publisher/formats.py and publisher/web/codings.py.
// It uses no syntax newer than njs 0.7.
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
    return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
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
        if (QUALITY.test(quality) && Number(quality) >= 0 && Number(quality) <= 1) {
            found.push([name, Number(quality), others]);
        }
    });
    return found;
}

// The suffix of the best offer for a header Accept; empty where none is acceptable. offers: as in `table.offers`.
function negotiate(accept, offers) {
    const refused = {}, highest = {}, types = [];
    readField(accept).forEach(function (each) {
        const name = each[0].toLowerCase();
        if (each[1] <= 0) {
            refused[each[0]] = true;
        }
        highest[name] = Math.max(each[1], name in highest ? highest[name] : 0);
    });
    offers.forEach(function (offer) { types.push([offer.types[0], offer]); });
    offers.forEach(function (offer) {
        offer.types.slice(1).forEach(function (alias) {
            if (!types.some(function (pair) { return pair[0] === alias; })) {
                types.push([alias, offer]);
            }
        });
    });
    let best = '', quality = 0, specificity = -1;
    types.forEach(function (pair) {
        if (refused[pair[1].types[0]]) {
            return;
        }
        const ranges = [pair[0], pair[0].split('/')[0] + '/*', '*/*'];
        const place = ranges.findIndex(function (range) { return range in highest; });
        if (place < 0) {
            return;
        }
        const found = highest[ranges[place]], specific = 2 - place;
        if (found > 0 && (found > quality || (found === quality && specific > specificity))) {
            best = pair[1].suffix;
            quality = found;
            specificity = specific;
        }
    });
    return best;
}

function isOpen(accept) {
    const bare = accept.replace(/^[ \t,]+/, '').replace(/[ \t,]+$/, '');
    return bare === '' || bare === '*/*';
}

// The suffix of the form for a header Accept (empty if missing), the parameter `format` and the header User-Agent.
function choose(kind, accept, wanted, agent) {
    const offers = table.offers[kind];
    if (!isOpen(accept)) {
        return negotiate(accept, offers);
    }
    if (wanted) {
        const name = wanted.toLowerCase();
        const named = offers.find(function (offer) { return offer.names.indexOf(name) >= 0; });
        return named ? named.suffix : table.defaults[kind];
    }
    const lower = agent.toLowerCase();
    const page = offers.find(function (offer) { return offer.suffix === 'html'; });
    const previews = page && table.previewers.some(function (name) { return lower.indexOf(name) >= 0; });
    return previews ? page.suffix : table.defaults[kind];
}

// The suffix of the form of an error, for which the parameter `format` has no meaning.
function chooseProblem(kind, accept) {
    const offers = table.offers[kind];
    return (isOpen(accept) ? table.defaults[kind] : negotiate(accept, offers)) || 'json';
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
    return r.rawHeadersIn
        .filter(function (pair) { return pair[0].toLowerCase() === name; })
        .map(function (pair) { return pair[1]; })
        .join(', ');
}

function first(value) {
    return Array.isArray(value) ? value[0] : value || '';
}

function form(r) {
    const kind = r.variables.static_kind;
    return choose(kind, header(r, 'accept'), first(r.args.format), header(r, 'user-agent')) || 'none';
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
