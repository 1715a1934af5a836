// Reads a JSON-LD document from an address and prints its statements as canonical N-Quads.
// node to_rdf.js MODULES ADDRESS BASE SERVER: addresses below BASE are loaded from SERVER.
const [modules, address, base, server] = process.argv.slice(2);
const jsonld = require(`${modules}/jsonld`);

const documentLoader = async (url) => {
  const response = await fetch(url.replace(base, server), { headers: { Accept: "application/ld+json" } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return { contextUrl: null, documentUrl: response.url, document: await response.json() };
};

jsonld
  .canonize(address, { documentLoader, format: "application/n-quads", algorithm: "RDFC-1.0" })
  .then((text) => process.stdout.write(text));
