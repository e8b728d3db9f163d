terraform {
  required_version = ">= 1.8"

  required_providers {
    coze = {
      source = "cozeform/coze"
    }
  }

  # Where to is in PG_CONN_STR: it holds a password, and git isn't the place for one.
  backend "pg" {}
}

# Endpoint and token come from COZE_API_BASE and COZE_API_TOKEN.
provider "coze" {
  allow_ownership_transfer = var.allow_ownership_transfer
}
