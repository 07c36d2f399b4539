/** The files of a site on their way to S3, several processes of the AWS CLI at a time. */
import { readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SiteBucket } from '../../../src/engines/static-site/runtime/site-bucket';
import { uploadFiles } from '../../../src/engines/static-site/runtime/site-upload';
import { AwsCli } from '../../../src/runtime/aws/aws-cli';
import { InMemoryEnvironment } from '../../runtime/deployment/in-memory-environment';
import { temporaryFolder } from '../../test-project';

it('a process that fails does not take away what another one still reads', async () => {
  const site = temporaryFolder();
  const paths = ['index.html', 'site.css'];
  for (const path of paths) writeFileSync(join(site, path), path);
  const context = new InMemoryEnvironment().context({ id: 5 });
  const uploaded: string[] = [];
  const cli = new AwsCli({
    ...context,
    execute: async (command, { capture }) => {
      const folder = command.kind === 'exec' ? command.argv[3]! : '';
      const [path = ''] = readdirSync(folder);
      if (path === 'index.html') {
        capture!.error('upload failed: Access Denied');
        return { outcome: 'failed', exitCode: 1, durationMs: 0 };
      }
      // a large file, in many parts
      for (let part = 0; part < 500; part++) await readFile(join(folder, path));
      uploaded.push(path);
      return { outcome: 'succeeded', durationMs: 0 };
    },
  });
  const files = paths.map((path) => ({ path, size: 1, md5: '0'.repeat(32) }));
  await expect(uploadFiles(new SiteBucket(cli, 'acme-site', 'releases/', Infinity), site, 'releases/v1/', files, [], new Map())).rejects.toThrow('Access Denied');
  expect(uploaded).toEqual(['site.css']);
});
