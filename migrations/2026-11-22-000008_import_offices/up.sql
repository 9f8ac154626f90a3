-- The office whose rows a file brings: a junior high, or the bureau of an area; both absent for the centre.
ALTER TABLE imports ADD COLUMN school TEXT;
ALTER TABLE imports ADD COLUMN area TEXT;
