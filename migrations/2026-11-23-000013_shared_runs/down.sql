DROP TABLE run_helpers;
DROP TABLE run_areas;
