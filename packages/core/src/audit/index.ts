export { type AuditPage, listAudit } from './list-audit.ts';
export type { AuditFilter, AuditRow, NamedAuditRow } from './queries.ts';
export { type AuditChange, recordAudit } from './record-audit.ts';
export { type AuditVerdict, verifyAudit } from './verify-audit.ts';
