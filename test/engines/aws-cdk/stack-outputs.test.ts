import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lackingOutput, placesWithOutputs } from '../../../src/engines/aws-cdk/runtime/stack-outputs';

it('reads the deployed stacks, and another stack once that the environment names an output of', () => {
  const deployed = [{ stackName: 'shop-api', region: 'eu-central-1' }];
  expect(placesWithOutputs(deployed, ['shop-api.Url', 'network.Vpc', 'network.Zone'], 'us-east-1')).toEqual([
    ...deployed, { stackName: 'network', region: 'us-east-1' },
  ]);
});

describe('before the first change', () => {
  const assembly = mkdtempSync(join(tmpdir(), 'delivery-assembly-'));
  afterAll(() => rmSync(assembly, { recursive: true }));
  writeFileSync(join(assembly, 'api.json'), JSON.stringify({ Outputs: { Url: { Value: 'x' }, Table: { Value: 'y' } } }));
  writeFileSync(join(assembly, 'data.json'), JSON.stringify({ Resources: {} }));
  const stacks = [['Api', 'shop-api', 'api.json'], ['Data', 'shop-data', 'data.json']].map(([id, stackName, templateFile]) => (
    { id: id!, stackName: stackName!, templateFile: templateFile!, assetManifests: [], dependencies: [] }
  ));

  it.each<[string[], string | undefined]>([
    [['shop-api.Url', 'network.Vpc'], undefined],
    [['shop-api.URL'], 'the stack shop-api has no output URL (it has shop-api.Url, shop-api.Table)'],
    [['shop-data.Url'], 'the stack shop-data has no output Url'],
    [['shop-api.toString'], 'the stack shop-api has no output toString (it has shop-api.Url, shop-api.Table)'],
  ])('of %j the templates lack: %s', async (needed, said) => {
    expect(await lackingOutput(assembly, stacks, needed)).toBe(said);
  });
});
