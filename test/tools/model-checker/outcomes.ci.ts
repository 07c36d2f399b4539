/** As outcomes.test.ts, however often jobs are run again: all deliveries, and workflows of projen's and of the examples. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyPath } from './every-path';
import { examples, joinedDeliveries, smallDeliveries, SynthesizedDelivery } from '../../../tools/model-checker/outcomes/deliveries';

const root = mkdtempSync(join(tmpdir(), 'outcomes-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const holdsFor = everyPath();

describe.each([...smallDeliveries(), ...joinedDeliveries()])('$name', (delivery) => holdsFor(() => delivery));

describe('the examples', () => {
  let synthesized: SynthesizedDelivery[];

  beforeAll(async () => {
    synthesized = await examples(root);
  });

  describe.each(['examples/shop/.projenrc.ts', 'examples/shop/.projenrc.demo.ts', 'examples/python-service/.projenrc.ts'])('%s', (name) => {
    holdsFor(() => synthesized.find((one) => one.name === name)!, ['deploy', 'rollback']);
  });
});
