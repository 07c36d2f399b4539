import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';

test('Node.js does not follow promises, each of which would cost twice as much', async () => {
  await Promise.resolve();
  expect(executionAsyncId()).toBe(0);
});

test('what is tested has the AsyncLocalStorage of Node.js', async () => {
  const storage = new AsyncLocalStorage<string>();
  const stored = (text: string) => storage.run(text, async () => {
    await new Promise(setImmediate);
    return storage.getStore();
  });
  expect(await Promise.all([stored('one'), stored('other')])).toEqual(['one', 'other']);
  storage.disable();
});
