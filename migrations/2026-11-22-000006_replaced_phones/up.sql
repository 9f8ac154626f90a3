-- A notice to a number that the roster no longer has: the number, sealed for this notice. Otherwise it is read from
-- the roster when the message is sent.
ALTER TABLE outbox ADD COLUMN phone TEXT;
