import type { ListOrder } from '@reelgate/contract';
import { after, now, type Queryable, schema } from '@reelgate/db';
import { and, asc, desc, eq, gt, inArray, isNull, lte, or, sql } from 'drizzle-orm';

const { files, fileStorage } = schema;

export type FileRow = typeof files.$inferSelect;

/** A team's own file that is there. */
const visible = (teamId: string) =>
  and(
    eq(files.teamId, teamId),
    eq(files.state, 'stored'),
    or(isNull(files.expiresAt), gt(files.expiresAt, now)),
  );

/** False where the team has no room for so many bytes more. */
export async function takeRoom(
  tx: Queryable,
  teamId: string,
  bytes: number,
  maxBytes: number,
): Promise<boolean> {
  await tx.insert(fileStorage).values({ teamId }).onConflictDoNothing();
  const rows = await tx
    .update(fileStorage)
    .set({ bytes: sql`${fileStorage.bytes} + ${bytes}::bigint` })
    .where(
      and(
        eq(fileStorage.teamId, teamId),
        lte(sql`${fileStorage.bytes} + ${bytes}::bigint`, sql`${maxBytes}::bigint`),
      ),
    )
    .returning({ bytes: fileStorage.bytes });
  return rows.length === 1;
}

async function giveRoomBack(tx: Queryable, teamId: string, bytes: number): Promise<void> {
  await tx
    .update(fileStorage)
    .set({ bytes: sql`${fileStorage.bytes} - ${bytes}::bigint` })
    .where(eq(fileStorage.teamId, teamId));
}

export async function findUsedBytes(db: Queryable, teamId: string): Promise<number> {
  const [row] = await db
    .select({ bytes: fileStorage.bytes })
    .from(fileStorage)
    .where(eq(fileStorage.teamId, teamId));
  return row?.bytes ?? 0;
}

export interface NewFile {
  readonly id: string;
  readonly purpose: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly objectKey: string;
}

/** A file whose bytes are about to be stored. After `giveUpMs` they are taken for lost. */
export async function insertFile(
  tx: Queryable,
  teamId: string,
  file: NewFile,
  giveUpMs: number,
): Promise<void> {
  await tx.insert(files).values({ ...file, teamId, state: 'storing', nextActionAt: after(giveUpMs) });
}

/** The bytes are safe. Null where they took so long that the file was given up. */
export async function markStored(
  db: Queryable,
  teamId: string,
  id: string,
  expiresAfterSeconds: number | null,
): Promise<FileRow | null> {
  const expiresAt =
    expiresAfterSeconds === null
      ? null
      : sql`${files.createdAt} + make_interval(secs => ${expiresAfterSeconds}::double precision)`;
  const [row] = await db
    .update(files)
    .set({ state: 'stored', expiresAt, nextActionAt: expiresAt })
    .where(and(eq(files.id, id), eq(files.teamId, teamId), eq(files.state, 'storing')))
    .returning();
  return row ?? null;
}

/** Null where it does not exist, is deleted, has expired, or is another team's: a caller cannot tell which. */
export async function findFile(db: Queryable, teamId: string, id: string): Promise<FileRow | null> {
  const [row] = await db
    .select()
    .from(files)
    .where(and(eq(files.id, id), visible(teamId)));
  return row ?? null;
}

/** One that the team has, or had: a request that was accepted while it was there is still the same request. */
export async function findFileEver(db: Queryable, teamId: string, id: string): Promise<FileRow | null> {
  const [row] = await db
    .select()
    .from(files)
    .where(
      and(eq(files.id, id), eq(files.teamId, teamId), inArray(files.state, ['stored', 'deleted', 'purged'])),
    );
  return row ?? null;
}

export interface FileListing {
  readonly after?: string | undefined;
  readonly purpose?: string | undefined;
  readonly order: ListOrder;
  readonly limit: number;
}

export async function listFiles(db: Queryable, teamId: string, page: FileListing): Promise<FileRow[]> {
  const direction = page.order === 'asc' ? asc : desc;
  const comparison = sql.raw(page.order === 'asc' ? '>' : '<');
  return await db
    .select()
    .from(files)
    .where(
      and(
        visible(teamId),
        page.purpose === undefined ? undefined : eq(files.purpose, page.purpose),
        page.after === undefined
          ? undefined
          : sql`(${files.createdAt}, ${files.id}) ${comparison} (select c.created_at, c.id from files c where c.id = ${page.after} and c.team_id = ${teamId})`,
      ),
    )
    .orderBy(direction(files.createdAt), direction(files.id))
    .limit(page.limit);
}

/** Hides a file for good and gives its room back. Its bytes are due to go. False where there is none to delete. */
export async function hideFile(tx: Queryable, teamId: string, id: string): Promise<boolean> {
  const [row] = await tx
    .update(files)
    .set({ state: 'deleted', nextActionAt: now })
    .where(and(eq(files.id, id), visible(teamId)))
    .returning({ bytes: files.bytes });
  if (row) await giveRoomBack(tx, teamId, row.bytes);
  return row !== undefined;
}

/** The same for one whose bytes could not be stored. */
export async function giveUpFile(tx: Queryable, teamId: string, id: string): Promise<void> {
  const [row] = await tx
    .update(files)
    .set({ state: 'deleted', nextActionAt: now })
    .where(and(eq(files.id, id), eq(files.teamId, teamId), eq(files.state, 'storing')))
    .returning({ bytes: files.bytes });
  if (row) await giveRoomBack(tx, teamId, row.bytes);
}

/** The same for one that has expired, or whose upload was given up. */
export async function hideAnyOverdueFile(tx: Queryable, id: string): Promise<void> {
  const [row] = await tx
    .update(files)
    .set({ state: 'deleted' })
    .where(and(eq(files.id, id), inArray(files.state, ['storing', 'stored']), lte(files.nextActionAt, now)))
    .returning({ teamId: files.teamId, bytes: files.bytes });
  if (row) await giveRoomBack(tx, row.teamId, row.bytes);
}

/** A deleted file, and whether a video that names it is still to be sent. */
export async function findAnyDeletedFile(
  db: Queryable,
  id: string,
): Promise<{ objectKey: string; needed: boolean } | null> {
  const [row] = await db
    .select({
      objectKey: files.objectKey,
      needed: sql<boolean>`exists (
        select 1 from file_uses u join videos v on v.id = u.video_id
         where u.file_id = files.id and v.state in ('accepted', 'submitting', 'unknown'))`,
    })
    .from(files)
    .where(and(eq(files.id, id), eq(files.state, 'deleted')));
  return row ?? null;
}

/** Looks at a deleted file again in so many ms; resolves to when that is. */
export async function postponePurge(db: Queryable, id: string, delayMs: number): Promise<Date | null> {
  const [row] = await db
    .update(files)
    .set({ nextActionAt: after(delayMs) })
    .where(and(eq(files.id, id), eq(files.state, 'deleted')))
    .returning({ nextActionAt: files.nextActionAt });
  return row?.nextActionAt ?? null;
}

/** Its bytes are gone; so is its name. What tells two requests apart stays. */
export async function markPurged(db: Queryable, id: string): Promise<void> {
  await db
    .update(files)
    .set({ state: 'purged', fileName: '', nextActionAt: null })
    .where(and(eq(files.id, id), eq(files.state, 'deleted')));
}

export async function listAnyOverdueFiles(db: Queryable, graceMs: number, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: files.id })
    .from(files)
    .where(lte(files.nextActionAt, after(-graceMs)))
    .orderBy(asc(files.nextActionAt))
    .limit(limit);
  return rows.map((row) => row.id);
}
