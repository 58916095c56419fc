import { startPostgres, startRedis, startS3 } from '@reelgate/embedded';

// Run by the tests as the process that gets killed: starts a server and says where it is.
const [kind, directory = ''] = process.argv.slice(2);
const log = (line: string) => process.stderr.write(`${line}\n`);
const starts = {
  postgres: () => startPostgres({ directory, mode: 'durable', log }),
  redis: () => startRedis({ directory, log }),
  s3: () => startS3({ directory, log }),
};
const server = await starts[kind as keyof typeof starts]();
console.log(JSON.stringify(server));
