DROP TABLE key_requests;
DROP TABLE run_areas;
