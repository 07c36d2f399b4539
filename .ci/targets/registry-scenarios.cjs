// The scenarios of .ci/targets/registry with PyPI.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const users = require('./package-users.cjs');
const { PackageStories } = require('./registry-stories.cjs');

const PACKAGES = join(process.argv[2], 'packages');
const wheelOf = (version) => `acme_shop-${version}-py3-none-any.whl`;
/** Where users look for versions. */
let index = process.env.INDEX;
/** Of the index in JSON. */
const yanked = new Map();

/** A wheel without a tool that needs a network: three files in a zip. */
const BUILD = `
import sys, zipfile
file, version, kind = sys.argv[1:]
info = f"acme_shop-{version}.dist-info/"
code = "raise RuntimeError('cannot be imported')" if kind == "broken" else f"VERSION = {version!r}\\ndef main(): print('shop', VERSION)"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr("acme_shop/__init__.py", code + "\\n")
    wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\\nName: acme-shop\\nVersion: {version}\\n# {kind}\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: a test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nshop = acme_shop:main\\n")
    wheel.writestr(info + "RECORD", "")
`;

const shop = new PackageStories('registry', join(process.argv[2], 'shop'), {
  packageName: 'acme-shop',
  build(version, kind) {
    rmSync(join(shop.root, 'dist'), { recursive: true, force: true });
    mkdirSync(join(shop.root, 'dist'));
    execFileSync('python3', ['-c', BUILD, join(shop.root, 'dist', wheelOf(version)), version, kind]);
  },
  publish(version) {
    // users see it whole, as in a registry
    copyFileSync(join(shop.root, 'dist', wheelOf(version)), `${PACKAGES}.new`);
    renameSync(`${PACKAGES}.new`, join(PACKAGES, wheelOf(version)));
  },
  download: () => users.pypi(index, 'acme-shop'),
});

/** An index in JSON with the same files (PEP 691). */
function respond({ url }, response) {
  if (url.startsWith('/files/')) response.end(readFileSync(join(PACKAGES, url.slice('/files/'.length))));
  if (url !== '/simple/acme-shop/') return url.startsWith('/files/');
  const files = readdirSync(PACKAGES).map((name) => ({
    filename: name, url: `/files/${name}`, hashes: { sha256: createHash('sha256').update(readFileSync(join(PACKAGES, name))).digest('hex') }, yanked: yanked.get(name) ?? false,
  }));
  response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
  response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'acme-shop', files }));
  return true;
}

function deliverTo(url) {
  shop.deliverTo(url, ({ Registry, Target }) => (
    Target.registry({ registry: Registry.pypi({ packageName: 'Acme.Shop', index, directory: 'dist' }), smoke: 'shop | grep -x "shop ${DELIVERY_VERSION#v}"' })
  ), ['dist']);
}

void shop.run(async () => {
  const { address, server } = await shop.listen(respond);
  deliverTo(`${address}/state`);
  let stop = () => undefined;
  try {
    await shop.good('1.0.0', ', index in html');
    stop = shop.begin();
    await shop.late('1.1.0');
    await shop.halted('fails its smoke command', '1.2.0', () => {
      shop.prepare('1.2.0', 'broken');
      return shop.publish('1.2.0');
    }, /the smoke command failed with acme-shop 1\.2\.0: exit code 1/);
    await shop.good('1.3.0', ', index in html');
    await shop.halted('other files than those that were built', '1.4.0', async () => {
      shop.registry.build('1.4.0', 'other');
      await shop.publish('1.4.0');
      shop.prepare('1.4.0', 'good');
    }, /is in the registry with another acme_shop-1\.4\.0/);
    await shop.killed('1.5.0');
    await shop.refused('1.3.0');
    index = `${address}/simple/`;
    deliverTo(`${address}/state`);
    await shop.good('1.6.0', ', index in json');
    await shop.halted('yanked before it is verified', '1.7.0', async () => {
      shop.prepare('1.7.0', 'good');
      await shop.publish('1.7.0');
      yanked.set(wheelOf('1.7.0'), 'a test');
    }, /was withdrawn from the registry: a test/);
    await shop.good('1.8.0', ', index in json');
    yanked.set(wheelOf('1.8.0'), 'a test');
    await shop.changedByHand('Stable is yanked (1.8.0)');
    shop.allDownloads();
    shop.leavesFew(readdirSync(tmpdir()));
  } finally {
    stop();
    server.close();
    server.closeAllConnections();
  }
}, 'real pip, pypiserver and an index in JSON');
