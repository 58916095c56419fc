/** Receivers that hang hold no more than their share, and keep nobody else waiting. */
import { expect, test } from 'vitest';
import { startDeliveryWorld } from './delivery-world.ts';
import { endlessBody, ok, startReceiver } from './receivers.ts';

test('beside forty receivers that hang, everybody else is told at once', async () => {
  // Twenty places: those that hang could fill them ten times over.
  const world = await startDeliveryWorld({ slots: 20, timeoutMs: 2_000 });
  const receivers = await Promise.all([
    startReceiver(ok),
    startReceiver(() => {}),
    startReceiver(endlessBody),
  ]);
  const [honest, tarpit, endless] = receivers;
  try {
    const hanging = await world.newTeam();
    for (let i = 0; i < 36; i += 1) await world.endpoint(tarpit.url, hanging);
    for (let i = 0; i < 4; i += 1) await world.endpoint(endless.url, hanging);
    await world.endpoint(honest.url);
    world.start();
    await world.emit('warm');
    await world.until(() => honest.received.length === 1);
    for (let i = 0; i < 5; i += 1) await world.emit(`stuck_${i}`, hanging);
    await world.until(() => tarpit.openSockets() > 5);

    const waits: number[] = [];
    let most = 0;
    for (let i = 0; i < 40; i += 1) {
      const startedAt = performance.now();
      const before = honest.received.length;
      await world.emit(`quick_${i}`);
      await world.until(() => honest.received.length > before);
      waits.push(performance.now() - startedAt);
      most = Math.max(most, tarpit.openSockets());
    }
    expect(most).toBeLessThanOrEqual(10);
    expect(waits.toSorted((a, b) => a - b).at(-2)).toBeLessThan(1_000);
  } finally {
    await world.close();
    await Promise.all(receivers.map((receiver) => receiver.close()));
  }
});
