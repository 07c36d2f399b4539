// Pushes an image of one static program to a registry without a daemon, and prints its digest. Equal arguments give equal digests.
//   push-image.cjs REGISTRY NAME TAG PROGRAM [ARGUMENT...]
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { gzipSync } = require('node:zlib');

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const digestOf = (data) => `sha256:${createHash('sha256').update(data).digest('hex')}`;

/** A tar archive with one file, which can be executed. */
function tar(name, content) {
  const header = Buffer.alloc(512);
  const octal = (value, digits) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o755, 7) + octal(0, 7) + octal(0, 7) + octal(content.length, 11) + octal(0, 11), 100);
  header.write('        0', 148);
  header.write('ustar\u000000', 257);
  header.write(`${octal(header.reduce((sum, byte) => sum + byte, 0), 6)} `, 148);
  const end = Buffer.alloc((512 - (content.length % 512)) % 512 + 1024);
  return Buffer.concat([header, content, end]);
}

async function send(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** The only layer of each program: its digest, and what the registry stores. To compress it for each release takes longer than all else here. */
const layers = new Map();
function layerOf(program) {
  if (!layers.has(program)) {
    const layer = tar('program', readFileSync(program));
    layers.set(program, { diffId: digestOf(layer), compressed: gzipSync(layer, { level: 1 }) });
  }
  return layers.get(program);
}

/** @param labels of the image: other labels give another digest */
async function pushImage(registry, name, tag, program, { args = [], labels = {} } = {}) {
  const base = `http://${registry}/v2/${name}`;
  const blob = async (data, mediaType) => {
    const digest = digestOf(data);
    const has = await fetch(`${base}/blobs/${digest}`, { method: 'HEAD' });
    if (!has.ok) {
      const begun = await send(`${base}/blobs/uploads/`, { method: 'POST' });
      const place = new URL(begun.headers.get('location'), base);
      place.searchParams.set('digest', digest);
      await send(place, { method: 'PUT', body: data, headers: { 'content-type': 'application/octet-stream' } });
    }
    return { mediaType, digest, size: data.length };
  };
  const layer = layerOf(program);
  const config = {
    architecture: { arm64: 'arm64' }[process.arch] ?? 'amd64',
    os: 'linux',
    config: { User: '65532', Entrypoint: ['/program', ...args], Labels: labels },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  };
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: await blob(Buffer.from(JSON.stringify(config)), 'application/vnd.oci.image.config.v1+json'),
    layers: [await blob(layer.compressed, 'application/vnd.oci.image.layer.v1.tar+gzip')],
  }));
  await send(`${base}/manifests/${tag}`, { method: 'PUT', body: manifest, headers: { 'content-type': MANIFEST } });
  return digestOf(manifest);
}

module.exports = { pushImage };
if (require.main === module) {
  const [registry, name, tag, program, ...args] = process.argv.slice(2);
  void pushImage(registry, name, tag, program, { args }).then((digest) => process.stdout.write(`${digest}\n`));
}
