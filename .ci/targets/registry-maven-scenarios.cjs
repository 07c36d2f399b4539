// The scenarios of .ci/targets/registry with Maven: the real mvn, and a repository of files over HTTP. The plugin that resolves was downloaded before.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const users = require('./package-users.cjs');
const { PackageStories } = require('./registry-stories.cjs');

const [, , RUN, PLUGINS] = process.argv;
const REPOSITORY = join(RUN, 'repository');
const CLASSES = join(RUN, 'classes');
let repository;

const JAR = `
import sys, zipfile
file, version, kind, classes = sys.argv[1:]
with zipfile.ZipFile(file, "w") as jar:
    if kind != "broken": jar.write(classes + "/com/acme/shop/Shop.class", "com/acme/shop/Shop.class")
    jar.writestr("com/acme/shop/version", version)
    jar.writestr("kind", kind)
`;
const SOURCE = `package com.acme.shop;
public class Shop {
  public static void main(String[] args) throws Exception {
    Class.forName("com.acme.base.Base");
    System.out.println("shop " + new String(Shop.class.getResourceAsStream("version").readAllBytes()));
  }
}
`;

const pomOf = (artifactId, version, more = '') => `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>com.acme</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>${more}</project>\n`;
const BASE = '<dependencies><dependency><groupId>com.acme</groupId><artifactId>base</artifactId><version>1</version></dependency></dependencies>';

function compile() {
  const sources = join(RUN, 'sources');
  mkdirSync(sources);
  writeFileSync(join(sources, 'Shop.java'), SOURCE);
  writeFileSync(join(sources, 'Base.java'), 'package com.acme.base;\npublic class Base { }\n');
  execFileSync('javac', ['--release', '11', '-d', CLASSES, join(sources, 'Shop.java'), join(sources, 'Base.java')]);
}

/** A file and its checksums, as `mvn deploy` leaves them. */
function put(path, bytes, algorithms = ['md5', 'sha1']) {
  mkdirSync(dirname(join(REPOSITORY, path)), { recursive: true });
  writeFileSync(join(REPOSITORY, path), bytes);
  for (const algorithm of algorithms) writeFileSync(join(REPOSITORY, `${path}.${algorithm}`), createHash(algorithm).update(bytes).digest('hex'));
}

const pathOf = (version, extension) => `com/acme/shop/${version}/shop-${version}.${extension}`;

const shop = new PackageStories('registry (Maven)', join(RUN, 'shop-maven'), {
  packageName: 'com.acme:shop',
  build(version, kind) {
    const dist = join(shop.root, 'dist/java');
    rmSync(dist, { recursive: true, force: true });
    mkdirSync(dirname(join(dist, pathOf(version, 'jar'))), { recursive: true });
    execFileSync('python3', ['-c', JAR, join(dist, pathOf(version, 'jar')), version, kind, CLASSES]);
    writeFileSync(join(dist, pathOf(version, 'pom')), pomOf('shop', version, BASE));
  },
  download: () => users.maven(repository, 'com.acme', 'shop'),
  broken: /shop-1\.4\.0\.jar/,
  /** As mvn deploys it: the list of versions is last. */
  async publish(version) {
    // Central has sha256 of some packages, and sha1 of all
    const algorithms = version === '1.0.0' ? ['md5', 'sha1', 'sha256'] : ['md5', 'sha1'];
    for (const extension of ['jar', 'pom']) {
      put(pathOf(version, extension), readFileSync(join(shop.root, 'dist/java', pathOf(version, extension))), algorithms);
      await shop.betweenFiles();
    }
    const versions = readdirSync(join(REPOSITORY, 'com/acme/shop')).filter((name) => statSync(join(REPOSITORY, 'com/acme/shop', name)).isDirectory());
    put('com/acme/shop/maven-metadata.xml', `<metadata><groupId>com.acme</groupId><artifactId>shop</artifactId><versioning><versions>${
      versions.map((name) => `<version>${name}</version>`).join('')}</versions></versioning></metadata>\n`);
  },
});

function respond({ url }, response) {
  if (!url.startsWith('/maven2/')) return false;
  const file = [REPOSITORY, PLUGINS].map((folder) => join(folder, url.slice('/maven2/'.length))).find((path) => existsSync(path));
  response.writeHead(file ? 200 : 404);
  response.end(file && readFileSync(file));
  return true;
}

void shop.run(async () => {
  const { address, server } = await shop.listen(respond);
  repository = `${address}/maven2/`;
  compile();
  put('com/acme/base/1/base-1.pom', pomOf('base', 1));
  execFileSync('python3', ['-c', 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").write(sys.argv[2], "com/acme/base/Base.class")', join(RUN, 'base.jar'), join(CLASSES, 'com/acme/base/Base.class')]);
  put('com/acme/base/1/base-1.jar', readFileSync(join(RUN, 'base.jar')));
  const smoke = 'java com.acme.shop.Shop | grep -x "shop ${DELIVERY_VERSION#v}"';
  shop.deliverTo(`${address}/state`, ({ Registry, Target }) => (
    Target.registry({ registry: Registry.maven({ groupId: 'com.acme', artifactId: 'shop', repository, directory: 'dist/java' }), smoke })
  ), ['dist']);
  let stop = () => undefined;
  try {
    await shop.good('1.0.0', ', sha256');
    stop = shop.begin();
    await shop.late('1.1.0');
    await shop.halted('fails its smoke command', '1.2.0', () => {
      shop.prepare('1.2.0', 'broken');
      return shop.publish('1.2.0');
    }, /the smoke command failed with com\.acme:shop 1\.2\.0: exit code 1/);
    await shop.halted('other files than those that were built', '1.3.0', async () => {
      shop.registry.build('1.3.0', 'other');
      await shop.publish('1.3.0');
      shop.prepare('1.3.0', 'good');
    }, /is in the registry with another shop-1\.3\.0\.jar: its sha1 is/);
    await shop.halted('a jar that does not have its checksum', '1.4.0', async () => {
      shop.prepare('1.4.0', 'good');
      await shop.publish('1.4.0');
      writeFileSync(join(REPOSITORY, pathOf('1.4.0', 'jar')), 'other bytes');
    }, /Checksum validation failed/);
    await shop.killed('1.5.0');
    await shop.refused('1.1.0');
    shop.registry.build('1.10.0', 'good');
    await shop.registry.publish('1.10.0');
    await shop.changedByHand('a version without a delivery (1.10.0)');
    shop.allDownloads();
    shop.leavesFew(readdirSync(tmpdir()));
  } finally {
    stop();
    server.close();
    server.closeAllConnections();
  }
}, 'real mvn');
