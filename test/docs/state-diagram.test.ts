import { readFileSync } from 'node:fs';
import { DOCUMENT, stateDiagram, withDiagram } from './state-diagram';
import { STATES } from '../../src/runtime/deployment/state-machine';

test('the picture in docs/rollback.md is the table of the rollout', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(document).toBe(withDiagram(document));
});

test('the picture shows every state, and what makes a deployment go back', () => {
  const picture = stateDiagram();
  for (const state of STATES) expect(picture).toContain(` ${state}`);
  expect(picture).toContain('verifying --> rollingBack: unhealthy, timed out, not recorded, process died, no longer requested (can roll back)');
});
