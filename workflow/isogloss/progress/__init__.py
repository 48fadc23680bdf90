"""What is done, running and failed in a study, and tables and figures of the part of it that is done."""
