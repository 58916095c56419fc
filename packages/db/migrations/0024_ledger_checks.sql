CREATE TABLE "ledger_checks" (
	"checked_at" timestamp with time zone PRIMARY KEY DEFAULT clock_timestamp() NOT NULL,
	"took_ms" integer NOT NULL,
	"balances" integer NOT NULL,
	"mismatches" integer NOT NULL,
	"lines" text[] NOT NULL
);
