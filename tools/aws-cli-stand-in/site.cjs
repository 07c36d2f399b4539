// A bucket and a distribution, for the stand-in for the AWS CLI. Each object is a file of its own: several processes upload at a time.
'use strict';
const { createHash, randomUUID } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { call } = require('../stand-in-server/call.cjs');

module.exports = ({ AwsError, file, read, write }) => {
  const OPTIONS = {
    'head-bucket': { '--bucket': true },
    'list-objects-v2': { '--bucket': true, '--prefix': true, '--delimiter': true, '--max-items': true },
    'get-object': { '--bucket': true, '--key': true, '--range': true },
    'put-object': { '--bucket': true, '--key': true, '--body': true, '--content-type': true, '--cache-control': true, '--if-match': true, '--if-none-match': true },
    'delete-object': { '--bucket': true, '--key': true },
    cp: { '--recursive': false, '--only-show-errors': false, '--no-guess-mime-type': false, '--content-type': true, '--cache-control': true },
    rm: { '--recursive': false, '--only-show-errors': false },
    'get-distribution': { '--id': true },
    'update-distribution': { '--id': true, '--if-match': true, '--distribution-config': true },
    'create-invalidation': { '--distribution-id': true, '--invalidation-batch': true },
    'get-invalidation': { '--distribution-id': true, '--id': true },
  };

  const objectFile = (key) => `objects/${encodeURIComponent(key)}`;
  const keys = () => (existsSync(file('objects')) ? readdirSync(file('objects')).filter((name) => !/\.\d+$/.test(name)).map(decodeURIComponent).sort() : []);

  function put(key, bytes, headers = {}) {
    mkdirSync(file('objects'), { recursive: true });
    const md5 = createHash('md5').update(bytes).digest('hex');
    // encrypted with a key of KMS, an ETag says nothing about the content
    const etag = `"${read('site.json').isEncrypted ? createHash('md5').update(randomUUID()).digest('hex') : md5}"`;
    write(objectFile(key), JSON.stringify({ ETag: etag, Size: bytes.length, LastModified: new Date().toISOString(), text: bytes.toString('utf8'), headers }));
    show();
    return etag;
  }

  function remove(key) {
    rmSync(file(objectFile(key)), { force: true });
    show();
  }

  const objectAt = (key) => (keys().includes(key) ? read(objectFile(key)) : undefined);

  /** What users get: the page in the folder that the distribution, or the object, names. */
  function show() {
    const site = read('site.json');
    const path = site.config ? site.config.Origins.Items[0].OriginPath : `/${JSON.parse(objectAt('releases/production/live.json')?.text ?? '{}').prefix ?? 'none'}`;
    const page = objectAt(`${path}/index.html`.replace(/^\//, '').replaceAll('//', '/'));
    write('page', page?.text ?? '');
    write('live', page ? 'page' : 'nothing');
  }

  function checkBucket({ '--bucket': bucket }, code = 'NoSuchBucket') {
    const site = read('site.json');
    if (bucket !== site.bucket) throw new AwsError(code, 'The specified bucket does not exist');
    return site;
  }

  function checkCondition(found, { '--if-match': match, '--if-none-match': none }) {
    if ((none === '*' && found) || (match !== undefined && found?.ETag !== match)) throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }

  function theDistribution(id) {
    const site = read('site.json');
    if (id !== site.distribution) throw new AwsError('NoSuchDistribution', 'The specified distribution does not exist.');
    return site;
  }

  /** A bucket's name and a key. */
  const placeOf = (url) => {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url);
    checkBucket({ '--bucket': bucket });
    return prefix;
  };

  function filesIn(folder, within = '') {
    return readdirSync(join(folder, within)).flatMap((name) => {
      const path = within === '' ? name : `${within}/${name}`;
      return statSync(join(folder, path)).isDirectory() ? filesIn(folder, path) : [path];
    });
  }

  const OPERATIONS = {
    'head-bucket': (options) => ({ BucketRegion: checkBucket(options, '404').region ?? 'us-east-1' }),
    'list-objects-v2': (options) => {
      checkBucket(options);
      const { '--delimiter': delimiter, '--max-items': most, '--prefix': prefix } = options;
      const found = keys().filter((key) => key.startsWith(prefix)).slice(0, most === undefined ? undefined : Number(most));
      const isFolded = (key) => delimiter !== undefined && key.slice(prefix.length).includes(delimiter);
      const folders = new Set(found.filter(isFolded).map((key) => prefix + key.slice(prefix.length).split(delimiter)[0] + delimiter));
      const contents = found.filter((key) => !isFolded(key)).map((key) => ({ Key: key, ...read(objectFile(key)), text: undefined, headers: undefined }));
      return { ...(contents.length > 0 && { Contents: contents }), ...(folders.size > 0 && { CommonPrefixes: [...folders].map((Prefix) => ({ Prefix })) }) };
    },
    'get-object': (options) => {
      checkBucket(options);
      const found = objectAt(options['--key']);
      if (!found) throw new AwsError('NoSuchKey', 'The specified key does not exist.');
      writeFileSync(call().path(options.file), found.text);
      return { ETag: found.ETag };
    },
    'put-object': (options) => {
      checkBucket(options);
      checkCondition(objectAt(options['--key']), options);
      return { ETag: put(options['--key'], readFileSync(call().path(options['--body'])), { type: options['--content-type'], cache: options['--cache-control'] }) };
    },
    'delete-object': (options) => {
      checkBucket(options);
      remove(options['--key']);
      return {};
    },
    cp: ({ words: [from, to], ...options }) => {
      const prefix = placeOf(to);
      for (const path of filesIn(call().path(from))) put(prefix + path, readFileSync(call().path(join(from, path))), { type: options['--content-type'], cache: options['--cache-control'] });
      return undefined;
    },
    rm: ({ words: [from] }) => {
      const prefix = placeOf(from);
      for (const key of keys().filter((one) => one.startsWith(prefix))) remove(key);
      return undefined;
    },
    'get-distribution': ({ '--id': id }) => {
      const { config, etag, modified, polls, ...site } = theDistribution(id);
      if (polls > 0) write('site.json', JSON.stringify({ ...site, config, etag, modified, polls: polls - 1 }));
      return { ETag: etag, Distribution: { Status: polls > 0 ? 'InProgress' : 'Deployed', LastModifiedTime: modified, DistributionConfig: config } };
    },
    'update-distribution': ({ '--distribution-config': config, '--id': id, '--if-match': etag }) => {
      const site = theDistribution(id);
      if (etag !== site.etag) throw new AwsError('PreconditionFailed', 'The precondition given in one or more of the request-header fields evaluated to false.');
      const wanted = JSON.parse(readFileSync(call().path(config.replace(/^file:\/\//, '')), 'utf8'));
      const changed = { ...site, config: wanted, etag: randomUUID(), modified: new Date().toISOString(), polls: site.takes };
      write('site.json', JSON.stringify(changed));
      show();
      return { ETag: changed.etag };
    },
    'create-invalidation': ({ '--distribution-id': id, '--invalidation-batch': batch }) => {
      const site = theDistribution(id);
      const { CallerReference: reference, Paths: { Items: paths } } = JSON.parse(batch);
      const known = site.invalidations[reference];
      if (known && known.paths.join() !== paths.join()) throw new AwsError('InvalidationBatchAlreadyExists', 'An invalidation batch with this CallerReference already exists.');
      const found = known ?? { id: `I${Object.keys(site.invalidations).length + 1}`, paths, polls: site.takes, etag: site.etag, isDeployed: !(site.polls > 0) };
      write('site.json', JSON.stringify({ ...site, invalidations: { ...site.invalidations, [reference]: found } }));
      return { Invalidation: { Id: found.id, Status: found.polls > 0 ? 'InProgress' : 'Completed' } };
    },
    'get-invalidation': ({ '--distribution-id': distribution, '--id': id }) => {
      const site = theDistribution(distribution);
      const [reference, found] = Object.entries(site.invalidations).find(([, one]) => one.id === id) ?? [];
      if (!found) throw new AwsError('NoSuchInvalidation', 'The specified invalidation does not exist.');
      const polls = Math.max(0, found.polls - 1);
      write('site.json', JSON.stringify({ ...site, invalidations: { ...site.invalidations, [reference]: { ...found, polls } } }));
      return { Invalidation: { Id: id, Status: polls > 0 ? 'InProgress' : 'Completed' } };
    },
  };

  /** Someone else moves the distribution, or the object, to what was there before any delivery. */
  function byHand() {
    const site = read('site.json');
    if (site.config) write('site.json', JSON.stringify({ ...site, etag: randomUUID(), modified: new Date().toISOString(), config: withPath(site.config, '/by-hand') }));
    else put('releases/production/live.json', Buffer.from('{"prefix":"by-hand/"}\n'));
    show();
  }

  const withPath = (config, path) => ({ ...config, Origins: { ...config.Origins, Items: config.Origins.Items.map((one, i) => (i === 0 ? { ...one, OriginPath: path } : one)) } });

  return { OPTIONS, OPERATIONS, byHand };
};
