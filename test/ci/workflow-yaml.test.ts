import { parse } from 'yaml';
import { Json, renderYaml } from '../../src/ci/workflow-yaml';

/** Every one of these is easily taken for something else. */
const AWKWARD = [
  '', ' ', ' a', 'a ', '-', '- a', '?', '? a', ':', 'a:', 'a: b', 'a:b', '#', '# a', 'a # b', 'a#b', '&a', '*a', '!a', '|', '>', '%a', '@a', '`a`',
  '{a}', '[a]', '{', '}', ',', '\'a\'', '"a"', 'it\'s', 'say "so"', 'null', 'Null', '~', 'true', 'TRUE', 'yes', 'No', 'on', 'OFF', 'y', 'n',
  '1', '01', '0x1f', '0o7', '1e3', '1_000', '+1', '-1', '.5', '.inf', '.NaN', '.nan', '.projen', './ship', '12:30', '2026-11-24', '1.2.3', 'v1.2.3', '=', '<<',
  '---', '...', '--- a', 'a\tb', '\ta', 'a\r', 'a\r\nb', 'a\n', '\na', 'a\n\n', 'a\nb', 'a\nb\n', 'a\nb\n\n', 'a\n  b\nc', '  a\nb', 'a \nb', 'a\nb ', 'a\n\nb',
  'a\n \nb', '#!/bin/sh\na', 'a\n# b', '- a\n- b', '---\na', 'a\n---\nb', 'a\n...', 'é', 'über\nall', '日本\n語', '😀', '\0', '\x7f', '\x85', '\u2028', '\ufeff', '\ud800', '\\', '\\n', '$a', '$', '$HOME/a b',
  '${{ !cancelled() && needs.a.result == \'success\' }}', '${{ fromJSON(\'{"a": 1}\') }}', '(a)', '<a>', '/a', 'a, b', '"', '\'',
];

const parsed = (text: string, version: '1.1' | '1.2') => parse(text, { version, strict: true }) as unknown;

describe('the YAML of a workflow', () => {
  it.each(AWKWARD.map((text) => [JSON.stringify(text), text]))('keeps %s as a value, an item and a key', (_, text) => {
    const whole: { [key: string]: Json } = { value: text, list: [text, [text], { a: text }], map: { [text]: 1, deep: { again: text } }, last: 'end' };
    const written = renderYaml(whole);
    expect(parsed(written, '1.2')).toEqual(whole);
    // older readers take more for something else
    expect((parsed(written, '1.1') as typeof whole).value).toBe(text);
  });

  it.each(AWKWARD.map((text) => [JSON.stringify(text), text]))('keeps %s in a list and in a map that stand in one line', (_, text) => {
    const whole = { options: [text, 'a', text], with: { a: text, [text]: 1, b: true }, concurrency: { group: text }, last: 'end' };
    expect(parsed(renderYaml(whole), '1.2')).toEqual(whole);
    expect((parsed(renderYaml(whole), '1.1') as typeof whole).options).toEqual(whole.options);
  });

  it('keeps whatever is made of the characters that matter', () => {
    const characters = ['a', 'b', ' ', ' ', '\n', ':', '#', '-', '\'', '"', '{', '}', '$', '.', '1', '\t', '|', '\\', '\r', 'é'];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 16807) % 2147483647) % below;
    for (let round = 0; round < 5000; round += 1) {
      const text = Array.from({ length: random(9) }, () => characters[random(characters.length)]).join('');
      const whole = { value: text, list: [text, { [text]: [text] }], last: 1 };
      expect(parsed(renderYaml(whole), '1.2')).toEqual(whole);
    }
  });

  it('keeps numbers, truth values, nothing, and what is empty', () => {
    const items = [{}, [], null, 1, false, [[1], [{ a: 1 }]]];
    const whole = { number: 1.5, negative: -3, yes: true, no: false, nothing: null, map: {}, list: [], items };
    expect(parsed(renderYaml(whole), '1.2')).toEqual(whole);
  });

  it('leaves out what is undefined', () => {
    const nothing = { a: undefined };
    expect(parsed(renderYaml({ ...nothing, b: 1, map: nothing, list: [nothing, { ...nothing, c: 2 }] }), '1.2')).toEqual({ b: 1, map: {}, list: [{}, { c: 2 }] });
  });

  it('reads as a person would write it', () => {
    const workflow: { [key: string]: Json } = {
      name: 'deploy',
      on: { push: { branches: ['main'] } },
      permissions: {},
      jobs: {
        build: { 'runs-on': 'ubuntu-latest', 'steps': [{ uses: 'actions/checkout@3d3c', with: { 'fetch-depth': 0 } }, { run: 'set -e\n\n./ship\n' }] },
      },
    };
    expect(renderYaml(workflow, (key) => (key === 'uses' ? 'v7.0.1' : undefined))).toBe(`name: deploy
on:
  push:
    branches:
      - main
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c # v7.0.1
        with: { fetch-depth: 0 }
      - run: |
          set -e

          ./ship
`);
  });
});
