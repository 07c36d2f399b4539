// Users of a package: each downloads the newest version with the requests that its tool sends, and compares the hashes that it compares. The tool itself takes
// half a second to start.
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');

const PATIENCE_MS = 120_000;

/** The bytes at an address. A tool is a process of its own, so each request has a connection of its own. */
async function get(url, accept = '*/*') {
  const request = http.get(url, { agent: false, headers: { accept }, signal: AbortSignal.timeout(PATIENCE_MS) });
  const [response] = await once(request, 'response');
  const bytes = Buffer.concat(await response.toArray());
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} for ${url}`);
  return bytes;
}

function expectHash(bytes, algorithm, encoding, expected, url) {
  const found = createHash(algorithm).update(bytes).digest(encoding);
  if (found !== expected) throw new Error(`the ${algorithm} of ${url} is ${found}, not ${expected}`);
}

const numbers = (version) => version.match(/\d+/g).map(Number);
/** Of versions with three numbers. A prerelease counts where there is no release. */
function newest(versions) {
  const releases = versions.filter((version) => !version.includes('-'));
  const [found] = (releases.length > 0 ? releases : versions).toSorted((a, b) => {
    const [one, other] = [numbers(a), numbers(b)];
    const differs = one.findIndex((number, i) => number !== other[i]);
    return differs === -1 ? 0 : other[differs] - one[differs];
  });
  if (found === undefined) throw new Error('there is no version');
  return found;
}

/** What the tag `latest` leads to. */
async function npm(registry, name) {
  const document = JSON.parse(await get(`${registry}${name.replace('/', '%2f')}`, 'application/vnd.npm.install-v1+json'));
  const version = document['dist-tags']?.latest;
  const dist = document.versions?.[version]?.dist;
  if (!dist) throw new Error(`latest leads to ${version}, which is not there`);
  const tarball = await get(dist.tarball);
  expectHash(tarball, 'sha512', 'base64', dist.integrity.replace(/^sha512-/, ''), dist.tarball);
  return { version, tarball };
}

/** The files of a simple index, in JSON or HTML. */
async function pypiFiles(page) {
  const text = (await get(page, 'application/vnd.pypi.simple.v1+json, text/html;q=0.1')).toString();
  if (text.startsWith('{')) return JSON.parse(text).files.filter(({ yanked }) => yanked === false).map(({ filename, hashes, url }) => ({ name: filename, url, sha256: hashes.sha256 }));
  return [...text.matchAll(/<a href="([^"#]+)#sha256=(\w+)"[^>]*>([^<]+)<\/a>/g)].map(([, url, sha256, name]) => ({ name, url, sha256 }));
}

async function pypi(index, name) {
  const page = `${index}${name}/`;
  const files = await pypiFiles(page);
  const versionOf = (file) => file.name.split('-')[1];
  const version = newest(files.map(versionOf));
  const { sha256, url } = files.find((file) => versionOf(file) === version);
  const address = new URL(url, page).href;
  expectHash(await get(address), 'sha256', 'hex', sha256, address);
  return { version };
}

async function go(proxy, module) {
  const folder = `${proxy}/${module.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}/@v`;
  const version = newest((await get(`${folder}/list`)).toString().trim().split('\n'));
  for (const extension of ['info', 'mod']) await get(`${folder}/${version}.${extension}`);
  const zip = await get(`${folder}/${version}.zip`);
  // the record at the end of each zip
  if (zip.lastIndexOf('PK\u0005\u0006') === -1) throw new Error(`${version}.zip has no end`);
  return { version };
}

async function maven(repository, groupId, artifactId) {
  const folder = `${repository}${groupId.replaceAll('.', '/')}/${artifactId}`;
  const version = newest([...(await get(`${folder}/maven-metadata.xml`)).toString().matchAll(/<version>([^<]+)</g)].map(([, found]) => found));
  for (const extension of ['pom', 'jar']) {
    const url = `${folder}/${version}/${artifactId}-${version}.${extension}`;
    expectHash(await get(url), 'sha1', 'hex', (await get(`${url}.sha1`)).toString(), url);
  }
  return { version };
}

/** A download has a `status` and the `version`. Where the tool would fail it has none, but the reason. */
const attempt = (download) => async (...args) => {
  try {
    return { status: 200, ...await download(...args) };
  } catch (error) {
    return { failure: error.message };
  }
};

module.exports = { go: attempt(go), maven: attempt(maven), npm: attempt(npm), pypi: attempt(pypi) };
