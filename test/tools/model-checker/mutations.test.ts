import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUTATIONS } from '../../../tools/model-checker/interleavings/mutations';
import { PREVIEW_MUTATIONS } from '../../../tools/model-checker/previews/mutations';
import { RUNTIME } from '../../mutated-runtime';

// a change of the runtime shows here, and not only in the suites that plant the mutations, which run later
test.each([...MUTATIONS, ...PREVIEW_MUTATIONS])('a mutation fits the runtime: $name', ({ file, find }) => {
  expect(readFileSync(join(RUNTIME, file), 'utf8').split(find)).toHaveLength(2);
});
