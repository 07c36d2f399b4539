// The scenarios of .ci/targets/registry with Go: the real go command, and a module proxy of files over HTTP.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const users = require('./package-users.cjs');
const { PackageStories } = require('./registry-stories.cjs');

const MODULE = 'example.com/Acme/shop';
const PROXY = join(process.argv[2], 'proxy');
/** The go.mod of the next version says so, too. */
let retract = '';
/** The commit that the proxy names, if it is another one. */
let commit;
let proxy;

const ZIP = `
import sys, zipfile, json
with zipfile.ZipFile(sys.argv[1], "w") as module:
    for name, text in json.loads(sys.argv[2]).items(): module.writestr(name, text)
`;

/** Publishes a version of a module as the protocol of module proxies has it. The list is last. */
async function add(module, version, files, origin) {
  const folder = join(PROXY, module.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`), '@v');
  mkdirSync(folder, { recursive: true });
  const named = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${module}@${version}/${name}`, text]));
  execFileSync('python3', ['-c', ZIP, join(folder, `${version}.zip`), JSON.stringify(named)]);
  await shop.betweenFiles();
  writeFileSync(join(folder, `${version}.mod`), files['go.mod']);
  writeFileSync(join(folder, `${version}.info`), JSON.stringify({ Version: version, Time: '2026-01-01T00:00:00Z', ...(origin && { Origin: origin }) }));
  await shop.betweenFiles();
  writeFileSync(join(folder, 'list'), readdirSync(folder).filter((name) => name.endsWith('.mod')).map((name) => `${name.replace(/\.mod$/, '')}\n`).join(''));
}

const shop = new PackageStories('registry (Go)', join(process.argv[2], 'shop-go'), {
  packageName: MODULE,
  build: () => undefined,
  download: () => users.go(proxy, MODULE),
  publish(version, kind) {
    return add(MODULE, `v${version}`, {
      'go.mod': `module ${MODULE}\n\ngo 1.21\n\nrequire example.com/Acme/base v0.1.0\n${retract}`,
      'shop.go': `package shop\n\nimport _ "example.com/Acme/base"\n\nconst Version = "${version}"\n`,
      'cmd/shop/main.go': `package main\n\nimport "${MODULE}"\n\nfunc main() { println("shop " + shop.Version) }\n`,
      ...(kind === 'broken' && { 'cart/cart.go': 'package cart\n\nimport _ "example.com/Acme/missing"\n' }),
    }, { VCS: 'git', URL: 'https://example.com/Acme/shop', Hash: commit ?? shop.git('rev-parse', 'HEAD').trim(), Ref: `refs/tags/v${version}` });
  },
});

function respond({ url }, response) {
  if (url === '/state') return false;
  // go writes the escape of capitals as %21
  const file = join(PROXY, decodeURIComponent(url));
  const isThere = existsSync(file);
  response.writeHead(isThere ? 200 : 404, { 'content-type': 'text/plain' });
  response.end(isThere ? readFileSync(file) : 'not found: unknown revision');
  return true;
}

void shop.run(async () => {
  const { address, server } = await shop.listen(respond);
  proxy = address;
  await add('example.com/Acme/base', 'v0.1.0', { 'go.mod': 'module example.com/Acme/base\n', 'base.go': 'package base\n' });
  // one compiles; the others only load the packages, which is quick
  const smoke = 'if [ "$DELIVERY_VERSION" = v1.0.0 ]; then go run example.com/Acme/shop/cmd/shop 2>&1 | grep -x "shop 1.0.0"; else go list -deps example.com/Acme/shop/... > list && grep -qx example.com/Acme/base list; fi';
  shop.deliverTo(`${address}/state`, ({ Registry, Target }) => Target.registry({ registry: Registry.go({ module: MODULE, proxy: address, privateModules: ['example.com/*'] }), smoke }));
  let stop = () => undefined;
  try {
    await shop.good('1.0.0', ', compiled and run');
    stop = shop.begin();
    await shop.late('1.1.0');
    await shop.halted('fails its smoke command', '1.2.0', () => {
      shop.prepare('1.2.0', 'broken');
      return shop.publish('1.2.0', 'broken');
    }, /the smoke command failed with example\.com\/Acme\/shop v1\.2\.0: exit code 1/);
    await shop.halted('the proxy has another commit', '1.3.0', async () => {
      shop.prepare('1.3.0', 'good');
      commit = 'b'.repeat(40);
      await shop.publish('1.3.0', 'good');
      commit = undefined;
    }, /is in the registry with the commit bbbbbbbbbbbb/);
    await shop.killed('1.4.0');
    retract = 'retract v1.5.0 // a test\n';
    await shop.halted('retracted before it is verified', '1.5.0', () => {
      shop.prepare('1.5.0', 'good');
      return shop.publish('1.5.0', 'good');
    }, /was withdrawn from the registry: a test/);
    await shop.refused('1.4.0');
    await shop.good('1.6.0-beta.0', ', a prerelease');
    retract = 'retract [v1.4.0, v1.7.0] // a test\n';
    await shop.registry.publish('1.7.0', 'good');
    await shop.changedByHand('Stable is retracted (1.4.0 to 1.7.0)');
    shop.allDownloads();
    shop.leavesFew(readdirSync(tmpdir()));
  } finally {
    stop();
    server.close();
    server.closeAllConnections();
  }
}, 'real go');
